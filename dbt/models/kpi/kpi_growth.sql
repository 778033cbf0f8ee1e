with

days as (

    select * from {{ source('marts', 'mart_cell_growth') }}

),

batches as (

    select * from {{ source('marts', 'mart_batch') }}

),

growth as (

    select
        ---------- ids
        days.batch_id,
        batches.product_code,
        batches.site,
        batches.process_version,
        days.culture_day,

        ---------- counts
        days.n_counts as n,
        days.measured_at,
        days.vcd,
        days.viability,
        days.tvc,

        ---------- growth
        days.fold_expansion,
        days.pdl,
        days.doubling_time_hours,
        days.has_warnings

    from days
    left join batches
        on days.batch_id = batches.batch_id

)

select * from growth
