-- Batches that were decided on, with the month of their site in which they were.
with

batches as (

    select * from {{ source('marts', 'mart_batch') }}
    where status in ('released', 'rejected', 'terminated')

),

decisions as (

    select
        batch_id,
        min(occurred_at) as occurred_at
    from {{ source('marts', 'mart_batch_event') }}
    where event in ('release', 'reject', 'terminate')
    group by batch_id

),

dispositions as (

    select
        batches.batch_id,
        batches.product_code,
        batches.site,
        batches.process_version,
        batches.status,
        batches.released_oos,
        coalesce(batches.dispositioned_at, decisions.occurred_at) as decided_at,
        batches.timezone
    from batches
    left join decisions
        on batches.batch_id = decisions.batch_id
    where coalesce(batches.dispositioned_at, decisions.occurred_at) is not null

),

dated as (

    select
        *,
        {{ site_month('decided_at', 'timezone') }} as month
    from dispositions

)

select * from dated
