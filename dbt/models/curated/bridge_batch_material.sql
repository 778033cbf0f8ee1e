{#- Rarely asked for: as a view it costs a build nothing and is never behind. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

newest as (

    select * from {{ ref('stg_batch_material') }}
    qualify
        row_number() over (
            partition by batch_id, lot_id
            order by
                {{ newest_first() }}
        ) = 1

),

lots as (

    select
        ---------- ids
        batch_id,
        lot_id,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- its use
        step,
        quantity,
        unit,

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from newest

)

select * from lots
