{{ config(materialized='view') }}

with

measurements as (

    select * from {{ ref('stg_measurement') }}
    where {{ in_family(['cell-counting']) }}

),

readings as (

    select
        ---------- ids
        object_id,
        run_no,
        ordinal,
        {{ said_of_measurement() }},

        ---------- values
        {{ the_value('viability') }} as viability_percent,
        {{ the_value('vcd') }} as viable_cells_1e6_per_ml,
        {{ the_value('tcd') }} as total_cells_1e6_per_ml,
        {{ the_value('dcd') }} as dead_cells_1e6_per_ml,
        {{ the_value('viable_cell_count') }} as viable_cells,
        {{ the_value('total_cell_count') }} as total_cells,
        {{ the_value('cell_diameter') }} as cell_diameter_um,
        {{ the_value('viable_cell_diameter') }} as viable_cell_diameter_um

    from measurements
    group by object_id, run_no, ordinal
    having {{ has_reading() }}

)

select * from readings
