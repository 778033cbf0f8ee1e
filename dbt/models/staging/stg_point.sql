{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'point') }}

),

current_loads as (

    select * from {{ ref('stg_load') }}

),

renamed as (

    select
        ---------- ids
        source.point_key,
        source.series_key,
        source.object_id,
        source.run_id,
        source.run_no,
        current_loads.file_key,
        current_loads.content_sha256,

        ---------- what it was measured on
        source.kind,
        source.sample_id,
        source.plate_id,
        source.well,
        source.sample_role,
        source.target,
        source.device_id,

        ---------- the series
        source.series,
        source.series_no,
        source.point_no,

        ---------- the point
        source.x_concept,
        source.x_unit_raw,
        source.x_unit_ucum,
        source.x_value,
        source.x2_concept,
        source.x2_unit_raw,
        source.x2_unit_ucum,
        source.x2_value,
        source.y_concept,
        source.y_unit_raw,
        source.y_unit_ucum,
        source.y_value,

        ---------- timestamps
        source.measured_at,
        source.time_source,

        ---------- lineage
        source.ordinal,
        source.measurement_path,
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
