{{ config(materialized='view') }}

with

measurements as (

    select * from {{ ref('stg_measurement') }}
    where {{ in_family(['plate-reader']) }}

),

readings as (

    select
        ---------- ids
        object_id,
        run_no,
        ordinal,
        {{ said_of_measurement() }},

        ---------- values
        {{ the_value('absorbance') }} as absorbance_mau,
        {{ the_value('fluorescence') }} as fluorescence_rfu,
        {{ the_value('luminescence') }} as luminescence_rlu,
        {{ the_value('spot_forming_units_sfu', '1') }} as spot_forming_units,
        {{ the_value('detector_wavelength_setting', 'nm') }} as wavelength_nm

    from measurements
    group by object_id, run_no, ordinal
    having {{ has_reading() }}

)

select * from readings
