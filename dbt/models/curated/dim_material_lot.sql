{#- Rarely asked for: as a view it costs a build nothing and is never behind. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

newest as (

    select * from {{ ref('stg_material_lot') }}
    qualify
        row_number() over (
            partition by lot_id
            order by
                {{ newest_first() }}
        ) = 1

),

lots as (

    select
        ---------- ids
        lot_id,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- the lot
        material_type,
        name,
        expires_at,
        coa,
        supplier,

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from newest

)

select * from lots
