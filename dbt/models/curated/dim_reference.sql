{#- ids: every version of the touched files, so that the rows of the older one go -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'object_id'}) }}

with

entries as (

    select * from {{ ref('stg_reference') }}
    where
        {{ in_ids('object_id', ids) }}
        -- which run is current is asked of these files alone
        and {{ in_ids('file_key', known['touched_file']) }}

)

select * from entries
