{#- ids: the touched batches and those whose milestones are touched -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'batch_id'}) }}

with

milestones as (

    select * from {{ ref('fct_batch_event') }}
    where {{ in_ids('batch_id', ids) }}

),

batches as (

    select * from {{ ref('dim_batch') }}
    where {{ in_ids('batch_id', ids) }} and is_current

),

joined as (

    select
        ---------- ids
        milestones.batch_id,
        milestones.event,
        milestones.object_id,
        milestones.run_id,
        milestones.run_no,
        milestones.file_key,

        ---------- the milestone
        milestones.occurred_at,
        coalesce(milestones.coi_hash, batches.coi_hash) as coi_hash,

        ---------- where from
        milestones.lims,
        milestones.has_warnings or coalesce(batches.has_warnings, false) as has_warnings

    from milestones
    left join batches
        on milestones.batch_id = batches.batch_id

)

select * from joined
