{#- ids: the samples that the touched lists name, in any of their versions -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming(ids) -%}
{{ config(meta={'slice_key': 'sample_id'}) }}

with

samples as (

    select * from {{ ref('stg_sample') }}
    where
        {{ in_ids('sample_id', ids) }}
        and {{ in_ids('file_key', files) }}

),

newest as (

    select
        ---------- ids
        sample_id,
        batch_id,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- where it was taken
        step,
        culture_day,
        volume_ml,

        ---------- timestamps
        collected_at,
        has_warnings

    from samples
    qualify
        row_number() over (
            partition by sample_id
            order by landed_at desc, object_id desc, row_no desc
        ) = 1

)

select * from newest
