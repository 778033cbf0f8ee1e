{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'reference') }}

),

current_loads as (

    select * from {{ ref('stg_load') }}

),

renamed as (

    select
        ---------- ids
        source.object_id,
        source.row_no,
        source.run_id,
        source.run_no,
        current_loads.file_key,

        ---------- the entry
        source.list_name,
        source.code,
        source.name,
        source.description,
        source.parent_code,
        source.is_active,

        ---------- timestamps
        source.valid_from,
        source.valid_to,

        ---------- lineage
        current_loads.warnings > 0 as has_warnings

    from source
    inner join current_loads
        on
            source.object_id = current_loads.object_id
            and source.run_no = current_loads.run_no

)

select * from renamed
