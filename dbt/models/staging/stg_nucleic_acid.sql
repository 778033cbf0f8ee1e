{{ config(materialized='view') }}

with

measurements as (

    select * from {{ ref('stg_measurement') }}
    where {{ in_family(['spectrophotometry']) }}

),

readings as (

    select
        ---------- ids
        object_id,
        run_no,
        ordinal,
        {{ said_of_measurement() }},

        ---------- values
        {{ the_value('mass_concentration', 'ng/uL') }} as concentration_ng_per_ul,
        {{ the_value('original_sample_concentration', 'ng/uL') }} as sample_concentration_ng_per_ul,
        {{ the_value('absorbance') }} as absorbance_mau,
        {{ the_value('detector_wavelength_setting', 'nm') }} as wavelength_nm,
        {{ the_value('fluorescence') }} as fluorescence_rfu,
        {{ the_value('a260_280', '1') }} as a260_280,
        {{ the_value('a260_230', '1') }} as a260_230

    from measurements
    group by object_id, run_no, ordinal
    having {{ has_reading() }}

)

select * from readings
