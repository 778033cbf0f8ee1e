{#- ids: the batches that any version of a touched file names -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming('batch_event', 'batch_id', ids) -%}
{{ config(meta={'slice_key': 'batch_id'}) }}

with

records as (

    select * from {{ ref('stg_batch_event') }}
    where
        {{ in_ids('batch_id', ids) }}
        and {{ in_ids('file_key', files) }}

),

newest as (

    select * from records
    qualify
        row_number() over (
            partition by batch_id, event
            order by
                {{ newest_first() }}
        ) = 1

),

milestones as (

    select
        ---------- ids
        batch_id,
        event,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- the milestone
        occurred_at,
        coi_hash,

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from newest

)

select * from milestones
