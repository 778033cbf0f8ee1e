with

chains as (

    select * from {{ ref('int_chain_of_identity') }}

),

figures as (

    select
        product_code,
        site,
        month,
        count(*) filter (where is_infused) as n,
        percentile_cont(0.5) within group (order by days) as median_days,
        percentile_cont(0.9) within group (order by days) as p90_days,
        count(*) filter (where not is_infused) as n_not_infused
    from chains
    group by product_code, site, month

)

select * from figures
