with

batches as (

    select
        *,
        {{ site_month('started_at', 'timezone') }} as month
    from {{ source('marts', 'mart_batch') }}

),

started as (

    select
        product_code,
        site,
        month,
        count(*) as n
    from batches
    where month is not null
    group by product_code, site, month

),

events as (

    select
        events.kind,
        events.opened_at,
        events.closed_at,
        batches.product_code,
        batches.site,
        {{ site_month('events.opened_at', 'batches.timezone') }} as month
    from {{ source('marts', 'mart_quality_event') }} as events
    left join {{ source('marts', 'mart_batch') }} as batches
        on events.batch_id = batches.batch_id
    where events.opened_at is not null

),

opened as (

    select
        product_code,
        site,
        month,
        count(*) as n_events,
        count(*) filter (where kind = 'deviation') as n_deviations,
        count(*) filter (where kind = 'oos') as n_oos,
        count(*) filter (where kind = 'oot') as n_oot,
        count(*) filter (where kind = 'capa') as n_capa,
        count(*) filter (where closed_at >= opened_at) as n_closed,
        percentile_cont(0.5) within group (
            order by extract(epoch from closed_at - opened_at) / 86400.0
        ) filter (where closed_at >= opened_at) as median_days_to_close,
        count(*) filter (
            where closed_at is null and opened_at < now() - interval '30 days'
        ) as n_open_over_30_days
    from events
    group by product_code, site, month

),

-- Every month that either began a batch or opened an event; nulls are one key, as in `group by`.
months as (

    select
        product_code,
        site,
        month
    from started
    union
    select
        product_code,
        site,
        month
    from opened

),

figures as (

    select
        months.product_code,
        months.site,
        months.month,
        coalesce(started.n, 0) as n,
        coalesce(opened.n_events, 0) as n_events,
        coalesce(opened.n_deviations, 0) as n_deviations,
        coalesce(opened.n_oos, 0) as n_oos,
        coalesce(opened.n_oot, 0) as n_oot,
        coalesce(opened.n_capa, 0) as n_capa,
        {{ share_of('coalesce(opened.n_events, 0)', 'started.n') }} as events_per_batch,
        coalesce(opened.n_closed, 0) as n_closed,
        opened.median_days_to_close,
        coalesce(opened.n_open_over_30_days, 0) as n_open_over_30_days
    from months
    left join started
        on
            months.product_code is not distinct from started.product_code
            and months.site is not distinct from started.site
            and months.month = started.month
    left join opened
        on
            months.product_code is not distinct from opened.product_code
            and months.site is not distinct from opened.site
            and months.month = opened.month

)

select * from figures
