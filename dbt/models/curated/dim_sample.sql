{#- ids: the samples that the touched lists name, in any of their versions -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming('sample', 'sample_id', ids) -%}
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
        has_warnings,

        ---------- of the LIMS
        parent_sample_id,
        container,
        plate_id,
        well,
        record_version,
        modified_at,
        lims

    from samples
    qualify
        row_number() over (
            partition by sample_id
            order by
                {{ newest_first() }}
        ) = 1

)

select * from newest
