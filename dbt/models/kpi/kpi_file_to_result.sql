{{ config(meta={'asks_as': 'owner'}) }}

-- Asks the ledger in its owner's name, for readers have no right to it: a site's files are shown to
-- whom all products of the site are.
with

files as (

    select * from {{ ref('kpi_file_ingest') }}

),

-- When the newest value of a file was measured, by its device's own clock.
measured as (

    select
        object_id,
        max(vendor) as vendor,
        max(measured_at) filter (where time_source = 'device') as measured_at
    from {{ source('marts', 'mart_measurement') }}
    group by object_id

),

timed as (

    select
        files.site,
        coalesce(files.vendor, measured.vendor) as vendor,
        files.state,
        {{ site_month('files.received_at', 'files.timezone') }} as month,
        extract(epoch from files.loaded_at - files.received_at) as seconds_to_result,
        extract(epoch from files.received_at - measured.measured_at) as lag_seconds
    from files
    left join measured
        on cast(files.object_id as text) = measured.object_id

),

counts as (

    select
        site,
        vendor,
        month,
        count(seconds_to_result) as n,
        percentile_cont(0.5) within group (order by seconds_to_result) as p50_seconds,
        percentile_cont(0.95) within group (order by seconds_to_result) as p95_seconds,
        count(lag_seconds) as n_measured,
        percentile_cont(0.5) within group (order by lag_seconds) as p50_instrument_lag_seconds,
        percentile_cont(0.95) within group (order by lag_seconds) as p95_instrument_lag_seconds,
        count(*) filter (
            where state in ('loaded', 'superseded', 'rejected', 'quarantined', 'failed', 'vanished')
        ) as n_ended,
        count(*) filter (
            where state in ('rejected', 'quarantined', 'failed', 'vanished')
        ) as n_failed
    from timed
    group by site, vendor, month

),

figures as (

    select
        *,
        {{ share_of('n_failed', 'n_ended') }} as failed_share
    from counts

)

select * from figures
