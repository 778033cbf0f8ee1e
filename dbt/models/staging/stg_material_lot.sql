{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'material_lot') }}

),

current_loads as (

    select * from {{ ref('stg_load') }}

),

renamed as (

    select
        ---------- ids
        source.lot_id,
        source.object_id,
        source.run_id,
        source.run_no,
        source.row_no,
        current_loads.file_key,

        ---------- the lot
        source.material_type,
        source.name,
        source.coa,
        source.supplier,

        ---------- timestamps
        source.expires_at,
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
