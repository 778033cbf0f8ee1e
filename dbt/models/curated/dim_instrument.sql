{#- Rarely asked for: as a view it costs a build nothing and is never behind. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

measurements as (

    select * from {{ ref('fct_measurement') }}
    where coalesce(device_id, device_model, device_serial) is not null

),

named as (

    select
        ---------- ids
        md5(
            concat_ws(
                chr(10), vendor, coalesce(device_id, ''), coalesce(device_model, ''),
                coalesce(device_serial, '')
            )
        ) as instrument_key,
        device_id,
        device_model,
        device_serial,
        vendor,

        ---------- numerics
        count(distinct object_id) as files,

        ---------- timestamps
        min(measured_at) as first_measured_at,
        max(measured_at) as last_measured_at

    from measurements
    group by all

),

records as (

    select * from {{ ref('stg_instrument') }}
    qualify
        row_number() over (
            partition by device_id
            order by
                {{ newest_first() }}
        ) = 1

),

calibrations as (

    select
        device_id,
        max(calibrated_at) as calibrated_at,
        arg_max(due_at, calibrated_at) as calibration_due
    from {{ ref('fct_calibration') }}
    where outcome in ('passed', 'adjusted')
    group by device_id

),

instruments as (

    select
        named.*,
        records.site,
        records.timezone,
        calibrations.calibrated_at,
        calibrations.calibration_due,
        records.lims
    from named
    left join records
        on named.device_id = records.device_id
    left join calibrations
        on named.device_id = calibrations.device_id

)

select * from instruments
