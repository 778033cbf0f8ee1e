-- The individual of a chart is a batch: the mean of its replicates. Censored numbers are none.
with

results as (

    select * from {{ source('marts', 'mart_result') }}
    where
        is_current
        and not is_invalidated
        and state in ('verified', 'published')
        and spec_key is not null
        and batch_id is not null
        and value_num is not null

),

stages as (

    select
        results.*,
        specifications.stage as spec_stage
    from results
    inner join {{ source('marts', 'mart_specification') }} as specifications
        on results.spec_key = specifications.spec_key

),

by_batch as (

    select
        product_code,
        attribute,
        spec_stage as stage,
        process_version,
        batch_id,
        count(value_spec) filter (where qualifier is null) as n_results,
        count(*) filter (where qualifier is not null) as n_censored,
        avg(value_spec) filter (where qualifier is null) as value,
        min(coalesce(collected_at, tested_at, verified_at)) as taken_at,
        bool_and(pass_flag) as pass_flag,
        bool_or(is_beyond_alert) as is_beyond_alert
    from stages
    group by product_code, attribute, spec_stage, process_version, batch_id

),

individuals as (

    select
        by_batch.*,
        batches.site,
        batches.status = 'released' as is_accepted
    from by_batch
    left join {{ source('marts', 'mart_batch') }} as batches
        on by_batch.batch_id = batches.batch_id

)

select * from individuals
