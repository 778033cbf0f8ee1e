with

results as (

    select * from {{ ref('int_release_result') }}

),

counts as (

    select
        product_code,
        site,
        attribute,
        month,
        count(pass_flag) filter (where not is_invalidated) as n,
        count(*) filter (where not pass_flag and not is_invalidated) as n_oos,
        count(*) filter (where pass_flag is null and not is_invalidated) as n_undecided,
        count(*) filter (where is_invalidated) as n_invalidated,
        count(*) filter (where not pass_flag and is_invalidated) as n_invalidated_oos
    from results
    group by product_code, site, attribute, month

),

figures as (

    select
        *,
        {{ share_of('n_oos', 'n') }} as oos_rate
    from counts

)

select * from figures
