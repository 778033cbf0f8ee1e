{#- ids: the events that any version of a touched file names -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming('quality_event', 'event_id', ids) -%}
{{ config(meta={'slice_key': 'event_id'}) }}

with

records as (

    select * from {{ ref('stg_quality_event') }}
    where
        {{ in_ids('event_id', ids) }}
        and {{ in_ids('file_key', files) }}

),

newest as (

    select * from records
    qualify
        row_number() over (
            partition by event_id
            order by
                {{ newest_first() }}
        ) = 1

),

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

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from newest

)

select * from events
