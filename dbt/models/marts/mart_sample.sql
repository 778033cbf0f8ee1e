{#- ids: the touched samples -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'sample_id'}) }}

with

samples as (

    select * from {{ ref('dim_sample') }}
    where {{ in_ids('sample_id', ids) }}

)

select * from samples
