{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'load') }}

),

current_runs as (

    select
        ---------- ids
        object_id,
        run_id,
        run_no,
        build_no,

        ---------- the file
        dataset,
        file_key,
        source,
        object_seq,
        content_sha256,

        ---------- numerics
        rows,
        warnings,

        ---------- timestamps
        landed_at

    from source
    where not retracted
    qualify
        row_number() over (
            partition by bucket, file_key
            order by object_seq desc, run_no desc
        ) = 1

)

select * from current_runs
