{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'specification') }}

),

current_loads as (

    select * from {{ ref('stg_load') }}

),

renamed as (

    select
        ---------- ids
        source.product_code,
        source.attribute,
        source.stage,
        source.spec_version,
        source.object_id,
        source.run_id,
        source.run_no,
        source.row_no,
        current_loads.file_key,

        ---------- the limits
        source.lower,
        source.upper,
        source.is_lower_inclusive,
        source.is_upper_inclusive,
        source.alert_lower,
        source.alert_upper,
        source.text_accept,
        source.unit as unit_ucum,
        source.decimals,
        source.is_release,
        source.is_report_only,

        ---------- timestamps
        source.valid_from,
        source.valid_to,
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
