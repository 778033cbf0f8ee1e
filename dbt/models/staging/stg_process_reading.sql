{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'process_reading') }}

),

current_loads as (

    select * from {{ ref('stg_load') }}

),

renamed as (

    select
        ---------- ids
        source.object_id,
        source.run_id,
        source.run_no,
        source.row_no,
        current_loads.file_key,

        ---------- of what
        {{ batch_day('source') }} as batch_day,
        source.batch_id,
        source.unit_operation,
        source.tag,

        ---------- timestamps
        source.measured_at,

        ---------- the reading
        source.value_num,
        source.value_text,
        source.setpoint,
        source.quality,
        source.unit_raw,
        source.unit_ucum,

        ---------- judgement
        current_loads.warnings > 0 as has_warnings

    from source
    inner join current_loads
        on
            source.object_id = current_loads.object_id
            and source.run_no = current_loads.run_no

)

select * from renamed
