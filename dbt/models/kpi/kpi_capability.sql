-- Titers are compared by their logarithms, and so are their limits.
with

individuals as (

    select
        *,
        attribute in ('lv_titer', 'vg_titer', 'capsid_titer') as is_log
    from {{ ref('int_individual') }}

),

scaled as (

    select
        *,
        case
            when not is_log then value
            when value > 0 then log(cast(value as numeric))
        end as x
    from individuals

),

ranged as (

    select
        *,
        abs(x - lag(x) over chart) as moving_range
    from scaled
    where x is not null
    window
        chart as (
            partition by product_code, attribute, stage, process_version
            order by taken_at asc nulls last, batch_id asc
        )

),

excluded as (

    select
        product_code,
        attribute,
        stage,
        process_version,
        bool_or(is_log) as is_log,
        sum(n_censored) as n_censored,
        count(value) - count(x) as n_not_positive
    from scaled
    group by product_code, attribute, stage, process_version

),

spread as (

    select
        product_code,
        attribute,
        stage,
        process_version,
        count(*) as n,
        avg(x) as mean,
        nullif(avg(moving_range) / 1.128, 0) as sigma_within,
        nullif(stddev_samp(x), 0) as sigma_overall
    from ranged
    group by product_code, attribute, stage, process_version

),

newest as (

    select distinct on (product_code, attribute, stage) *
    from {{ source('marts', 'mart_specification') }}
    order by product_code asc, attribute asc, stage asc, spec_version desc

),

limited as (

    select
        excluded.product_code,
        excluded.attribute,
        excluded.stage,
        excluded.process_version,
        newest.spec_version,
        excluded.is_log,
        coalesce(spread.n, 0) as n,
        excluded.n_censored,
        excluded.n_not_positive,
        spread.mean,
        spread.sigma_within,
        spread.sigma_overall,
        case
            when not excluded.is_log then newest.lower
            when newest.lower > 0 then log(cast(newest.lower as numeric))
        end as lower_limit,
        case
            when not excluded.is_log then newest.upper
            when newest.upper > 0 then log(cast(newest.upper as numeric))
        end as upper_limit
    from excluded
    left join spread
        on
            excluded.product_code is not distinct from spread.product_code
            and excluded.attribute = spread.attribute
            and excluded.stage = spread.stage
            and excluded.process_version is not distinct from spread.process_version
    left join newest
        on
            excluded.product_code = newest.product_code
            and excluded.attribute = newest.attribute
            and excluded.stage = newest.stage

),

-- Of one limit alone, the other side is null, and `least` passes over it.
figures as (

    select
        *,
        case
            when n >= 20 and sigma_within is not null
                then least(
                    (upper_limit - mean) / (3 * sigma_within),
                    (mean - lower_limit) / (3 * sigma_within)
                )
        end as cpk,
        case
            when n >= 20 and sigma_overall is not null
                then least(
                    (upper_limit - mean) / (3 * sigma_overall),
                    (mean - lower_limit) / (3 * sigma_overall)
                )
        end as ppk
    from limited

)

select * from figures
