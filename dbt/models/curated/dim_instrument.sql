{#- Rarely asked for: as a view it costs a build nothing and is never behind. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

measurements as (

    select * from {{ ref('fct_measurement') }}
    where coalesce(device_id, device_model, device_serial) is not null

),

instruments as (

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

)

select * from instruments
