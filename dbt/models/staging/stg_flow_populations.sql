{{ config(materialized='view') }}

with

measurements as (

    select * from {{ ref('stg_measurement') }}
    where
        {{ in_family(['flow-cytometry', 'fcs']) }}
        and kind in ('population', 'processed')

),

readings as (

    select
        ---------- ids
        object_id,
        run_no,
        ordinal,
        population_path,
        target,
        {{ said_of_measurement() }},

        ---------- values
        {{ the_value('count', '{counts}') }} as events_of_population,
        {{ the_value('event_count', '{events}') }} as events_of_channel,
        {{ the_value('median_signal', '1') }} as median_signal,
        {{ the_value('5th_percentile_signal', '1') }} as p5_signal,
        {{ the_value('95th_percentile_signal', '1') }} as p95_signal

    from measurements
    group by object_id, run_no, ordinal, population_path, target
    having {{ has_reading() }}

)

select * from readings
