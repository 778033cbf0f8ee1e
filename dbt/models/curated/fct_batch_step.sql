{#- ids: the batches that any version of a touched file names -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming('batch_step', 'batch_id', ids) -%}
{{ config(meta={'slice_key': 'batch_id'}) }}

with

records as (

    select * from {{ ref('stg_batch_step') }}
    where
        {{ in_ids('batch_id', ids) }}
        and {{ in_ids('file_key', files) }}

),

newest as (

    select * from records
    qualify
        row_number() over (
            partition by batch_id, step
            order by
                {{ newest_first() }}
        ) = 1

),

steps as (

    select
        ---------- ids
        batch_id,
        step,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- the step
        seq,
        isa88_level,
        planned_start_at,
        planned_end_at,
        coalesce(planned_hours, {{ hours_between('planned_start_at', 'planned_end_at') }})
            as planned_hours,
        started_at,
        ended_at,
        {{ hours_between('started_at', 'ended_at') }} as hours,
        operator_hash,
        coalesce(repeat_of_step, false) as is_repeat,
        tvc_in,
        tvc_out,
        case when tvc_in > 0 then tvc_out / tvc_in end as yield_ratio,

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from newest

)

select * from steps
