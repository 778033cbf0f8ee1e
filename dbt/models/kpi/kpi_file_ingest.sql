{{ config(meta={'asks_as': 'owner'}) }}

with

objects as (

    select * from {{ source('intake', 'object') }}

),

newest_runs as (

    select distinct on (object_id) *
    from {{ source('intake', 'run') }}
    order by object_id asc, run_no desc

),

-- An event of a build covers many runs; any other names its one run.
events_of_runs as (

    select
        run_id,
        event_id
    from {{ source('intake', 'event') }}
    where run_id is not null
    union
    select
        run_id,
        event_id
    from {{ source('intake', 'event_run') }}

),

stages as (

    select
        events_of_runs.run_id,
        min(events.time) filter (where events.type like '%file.landed%') as landed_at,
        min(events.time) filter (where events.type like '%file.converted%') as converted_at,
        min(events.time) filter (where events.type like '%file.validated%') as validated_at,
        min(events.time) filter (where events.type like '%lake.built%') as built_at,
        min(events.time) filter (where events.type like '%mart.loaded%') as loaded_at
    from events_of_runs
    inner join {{ source('intake', 'event') }} as events
        on events_of_runs.event_id = events.event_id
    group by events_of_runs.run_id

),

-- The version of each file whose rows the marts show.
shown_versions as (

    select
        objects.bucket,
        objects.key,
        max(objects.object_seq) as object_seq
    from objects
    inner join {{ source('intake', 'run') }} as runs
        on objects.object_id = runs.object_id
    where runs.state = 'loaded' and runs.rows is distinct from 0
    group by objects.bucket, objects.key

),

files as (

    select
        ---------- ids
        objects.object_id,
        newest_runs.run_id,
        newest_runs.run_no,
        objects.bucket,
        objects.key as file_key,
        objects.version_id,
        objects.object_seq,
        objects.source,
        newest_runs.source ->> 'vendor' as vendor,
        newest_runs.source ->> 'site' as site,
        newest_runs.source ->> 'timezone' as timezone,

        ---------- state
        objects.state,
        objects.state_since,
        objects.reason_code,
        objects.message,
        objects.duplicate_of,
        case
            when
                objects.state in ('rejected', 'quarantined', 'failed')
                and shown_versions.object_seq < objects.object_seq
                then shown_versions.object_seq
        end as shown_version,

        ---------- numerics
        objects.size_bytes,
        newest_runs.rows,
        cast(
            extract(epoch from stages.loaded_at - newest_runs.opened_at) as double precision
        ) as seconds_received_to_loaded,

        ---------- timestamps
        objects.last_modified as stored_at,
        objects.received_at,
        newest_runs.opened_at as run_opened_at,
        stages.landed_at,
        stages.converted_at,
        stages.validated_at,
        stages.built_at,
        stages.loaded_at

    from objects
    left join newest_runs
        on objects.object_id = newest_runs.object_id
    left join stages
        on newest_runs.run_id = stages.run_id
    left join shown_versions
        on objects.bucket = shown_versions.bucket and objects.key = shown_versions.key
    -- the first is asked once a query, the second of each file
    where
        (select marts.may_read_everything())
        or marts.may_read_site(newest_runs.source ->> 'site')

)

select * from files
