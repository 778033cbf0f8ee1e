{{ config(materialized='view') }}

with

measurements as (

    select * from {{ ref('stg_measurement') }}
    where {{ in_family(['solution-analyzer']) }}

),

readings as (

    select
        ---------- ids
        object_id,
        run_no,
        ordinal,
        target,
        {{ said_of_measurement() }},

        ---------- values
        {{ the_value('mass_concentration') }} as mass_concentration_g_per_l,
        {{ the_value('molar_concentration') }} as molar_concentration_mmol_per_l,
        {{ the_value('ph') }} as ph,
        {{ the_value('po2') }} as po2_mmhg,
        {{ the_value('pco2') }} as pco2_mmhg,
        {{ the_value('o2_saturation') }} as o2_saturation_percent,
        {{ the_value('co2_saturation') }} as co2_saturation_percent,
        {{ the_value('osmolality') }} as osmolality_mosm_per_kg,
        {{ the_value('temperature') }} as temperature_cel,
        {{ the_value('viability') }} as viability_percent,
        {{ the_value('vcd') }} as viable_cells_1e6_per_ml,
        {{ the_words('mass_concentration') }} as mass_concentration_text,
        {{ the_words('molar_concentration') }} as molar_concentration_text

    from measurements
    group by object_id, run_no, ordinal, target
    having {{ has_reading() }}

)

select * from readings
