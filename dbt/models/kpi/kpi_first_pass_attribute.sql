with

reported as (

    select * from {{ source('marts', 'mart_result') }}
    where state in ('verified', 'published') and retest_of is null

),

-- As it was reported first, whatever was corrected since.
firsts as (

    select distinct on (sample_id, attribute, stage, replicate)
        product_code,
        site,
        attribute,
        pass_flag,
        is_invalidated
    from reported
    order by
        sample_id asc,
        attribute asc,
        stage asc,
        replicate asc,
        coalesce(verified_at, tested_at) asc nulls last,
        version_no asc,
        result_key asc

),

counts as (

    select
        product_code,
        site,
        attribute,
        count(pass_flag) as n,
        count(*) filter (where pass_flag) as n_passed,
        count(*) filter (where pass_flag is null) as n_undecided
    from firsts
    group by product_code, site, attribute

),

figures as (

    select
        *,
        {{ share_of('n_passed', 'n') }} as first_pass
    from counts

)

select * from figures
