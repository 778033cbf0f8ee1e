{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'result') }}

),

current_loads as (

    select * from {{ ref('stg_load') }}

),

renamed as (

    select
        ---------- ids
        source.result_key,
        source.object_id,
        source.run_id,
        source.run_no,
        current_loads.file_key,
        current_loads.content_sha256,
        source.row_no,

        ---------- of what
        source.sample_id,
        source.batch_id,
        source.attribute_raw,
        source.attribute,
        source.replicate,

        ---------- the result
        source.value_raw,
        source.value_num,
        source.value_text,
        source.qualifier,
        source.unit_raw,
        source.unit_ucum,
        source.value_std,
        source.state,

        ---------- how, by whom
        source.method,
        source.device_id,
        source.reagent_lot,
        source.analyst,
        source.reviewer,

        ---------- of the LIMS
        source.result_id,
        source.stage,
        source.record_version,
        source.supersedes,
        source.retest_of,
        coalesce(source.is_invalidated, false) as is_invalidated,
        source.lims,

        ---------- timestamps
        source.collected_at,
        source.tested_at,
        source.verified_at,
        source.modified_at,
        current_loads.landed_at,

        ---------- lineage
        source.comment,
        source.source_path,
        source.layout,
        source.parser_version,
        current_loads.warnings > 0 as has_warnings

    from source
    inner join current_loads
        on
            source.object_id = current_loads.object_id
            and source.run_no = current_loads.run_no

)

select * from renamed
