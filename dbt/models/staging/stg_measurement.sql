{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'measurement') }}

),

current_loads as (

    select * from {{ ref('stg_load') }}

),

renamed as (

    select
        ---------- ids
        source.measurement_key,
        source.object_id,
        source.run_id,
        source.run_no,
        current_loads.file_key,
        current_loads.content_sha256,

        ---------- what was measured
        source.kind,
        source.sample_id,
        source.sample_role,
        source.plate_id,
        source.well,
        source.target,
        source.population_path,
        source.quantity_raw,
        source.quantity,

        ---------- values
        source.value_raw,
        source.value_num,
        source.value_text,
        source.qualifier,
        source.unit_raw,
        source.unit_ucum,
        source.value_std,
        source.is_custom,

        ---------- with what, by whom
        source.device_id,
        source.device_model,
        source.device_serial,
        source.analyst,

        ---------- timestamps
        source.measured_at,
        source.time_source,

        ---------- lineage
        source.ordinal,
        source.source_path,
        source.vendor,
        source.asm_manifest,
        source.parser_version,
        current_loads.warnings > 0 as has_warnings

    from source
    inner join current_loads
        on
            source.object_id = current_loads.object_id
            and source.run_no = current_loads.run_no

)

select * from renamed
