{{ config(materialized='view') }}

with

measurements as (

    select * from {{ ref('stg_measurement') }}
    where {{ in_family(['multi-analyte-profiling']) }}

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
        {{ the_value('fluorescence_median', '{RFU}') }} as median_fluorescence_rfu,
        {{ the_value('net_mfi', '{RFU}') }} as net_fluorescence_rfu,
        {{ the_value('assay_bead_count', '{#}') }} as beads

    from measurements
    group by object_id, run_no, ordinal, target
    having {{ has_reading() }}

)

select * from readings
