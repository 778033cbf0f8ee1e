{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'batch_step') }}

),

current_loads as (

    select * from {{ ref('stg_load') }}

),

renamed as (

    select
        ---------- ids
        source.batch_id,
        source.step,
        source.object_id,
        source.run_id,
        source.run_no,
        source.row_no,
        current_loads.file_key,

        ---------- the step
        source.seq,
        source.isa88_level,
        memory.main.salted_sha256(source.operator) as operator_hash,
        source.repeat_of_step,

        ---------- numerics
        source.planned_hours,
        source.tvc_in,
        source.tvc_out,

        ---------- timestamps
        source.planned_start_at,
        source.planned_end_at,
        source.started_at,
        source.ended_at,
        source.modified_at,
        current_loads.landed_at,

        ---------- which version
        source.record_version,
        source.lims,
        current_loads.warnings > 0 as has_warnings

    from source
    inner join current_loads
        on
            source.object_id = current_loads.object_id
            and source.run_no = current_loads.run_no

)

select * from renamed
