{#- ids: the touched objects -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'object_id'}) }}

with

entries as (

    select * from {{ ref('dim_reference') }}
    where {{ in_ids('object_id', ids) }}

)

select * from entries
