with

steps as (

    select
        steps.step,
        steps.seq,
        steps.hours,
        steps.planned_ratio,
        steps.queue_hours,
        batches.product_code,
        batches.site
    from {{ source('marts', 'mart_batch_step') }} as steps
    left join {{ source('marts', 'mart_batch') }} as batches
        on steps.batch_id = batches.batch_id
    where steps.hours is not null

),

figures as (

    select
        product_code,
        site,
        step,
        min(seq) as seq,
        count(*) as n,
        percentile_cont(0.5) within group (order by hours) as median_hours,
        percentile_cont(0.9) within group (order by hours) as p90_hours,
        count(planned_ratio) as n_planned,
        percentile_cont(0.5) within group (order by planned_ratio) as median_planned_ratio,
        count(queue_hours) as n_queued,
        percentile_cont(0.5) within group (order by queue_hours) as median_queue_hours,
        percentile_cont(0.9) within group (order by queue_hours) as p90_queue_hours
    from steps
    group by product_code, site, step

)

select * from figures
