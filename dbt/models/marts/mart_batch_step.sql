{#- ids: the batches whose steps are touched -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'batch_id'}) }}

with

steps as (

    select * from {{ ref('fct_batch_step') }}
    where {{ in_ids('batch_id', ids) }}

),

in_order as (

    select
        *,
        lag(ended_at) over (
            partition by batch_id
            order by seq asc nulls last, started_at asc nulls last, step asc
        ) as previous_ended_at
    from steps

),

timed as (

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
        planned_hours,
        started_at,
        ended_at,
        hours,
        case when planned_hours > 0 then hours / planned_hours end as planned_ratio,
        (epoch_us(started_at) - epoch_us(previous_ended_at)) / 3600000000.0 as queue_hours,
        operator_hash,
        is_repeat,
        tvc_in,
        tvc_out,
        yield_ratio,

        ---------- where from
        lims,
        has_warnings

    from in_order

)

select * from timed
