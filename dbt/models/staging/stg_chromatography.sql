{{ config(materialized='view') }}

with

measurements as (

    select * from {{ ref('stg_measurement') }}
    where {{ in_family(['liquid-chromatography']) }}

),

readings as (

    select
        ---------- ids
        object_id,
        run_no,
        ordinal,
        {{ said_of_measurement() }},

        ---------- values
        {{
            the_value(
                'autosampler_injection_volume_setting_chromatography',
                'mm3'
            )
        }} as injection_volume_ul,
        {{ the_value('detector_sampling_rate_setting', 'Hz') }} as sampling_rate_hz

    from measurements
    group by object_id, run_no, ordinal

)

select * from readings
