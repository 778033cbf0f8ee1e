{#- ids: the touched events -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'event_id'}) }}

with

events as (

    select
        ---------- ids
        event_id,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- the event
        kind,
        severity,
        batch_id,
        step,
        cause,
        opened_at,
        closed_at,

        ---------- where from
        lims,
        has_warnings

    from {{ ref('fct_quality_event') }}
    where {{ in_ids('event_id', ids) }}

)

select * from events
