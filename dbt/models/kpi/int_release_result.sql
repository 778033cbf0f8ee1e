-- Current, verified results that batches are released by; one that was invalidated says so.
with

results as (

    select
        results.*,
        batches.timezone
    from {{ source('marts', 'mart_result') }} as results
    left join {{ source('marts', 'mart_batch') }} as batches
        on results.batch_id = batches.batch_id
    where
        results.is_current
        and results.is_release
        and results.state in ('verified', 'published')

),

dated as (

    select
        batch_id,
        product_code,
        site,
        attribute,
        stage,
        pass_flag,
        is_invalidated,
        coalesce(verified_at, tested_at) as verified_at,
        {{ site_month('coalesce(verified_at, tested_at)', 'timezone') }} as month
    from results

)

select * from dated
