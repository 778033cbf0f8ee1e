with

dispositions as (

    select * from {{ ref('int_disposition') }}

),

months as (

    select
        product_code,
        site,
        month,
        count(*) as n,
        count(*) filter (where status = 'released' and not released_oos) as n_released_in_spec,
        count(*) filter (where status = 'released' and released_oos) as n_released_oos,
        count(*) filter (where status = 'rejected') as n_rejected,
        count(*) filter (where status = 'terminated') as n_terminated
    from dispositions
    group by product_code, site, month

),

figures as (

    select
        *,
        {{ share_of('n_released_in_spec', 'n') }} as batch_success
    from months

)

select * from figures
