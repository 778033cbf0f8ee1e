with

dispositions as (

    select * from {{ ref('int_disposition') }}

),

deviations as (

    select
        batch_id,
        step
    from {{ source('marts', 'mart_quality_event') }}
    where kind = 'deviation' and severity in ('major', 'critical') and batch_id is not null

),

retests as (

    select
        batch_id,
        step
    from {{ source('marts', 'mart_result') }}
    where retest_of is not null and is_current and batch_id is not null

),

steps as (

    select
        batch_id,
        step,
        is_repeat
    from {{ source('marts', 'mart_batch_step') }}

),

-- A batch as a whole (no step named), and each of its steps alone.
scopes as (

    select
        dispositions.*,
        cast(null as text) as step
    from dispositions
    union all
    select
        dispositions.*,
        steps.step
    from dispositions
    inner join steps
        on dispositions.batch_id = steps.batch_id

),

judged as (

    select
        scopes.product_code,
        scopes.site,
        scopes.month,
        scopes.step,
        exists(
            select 1 from deviations
            where
                deviations.batch_id = scopes.batch_id
                and (scopes.step is null or deviations.step = scopes.step)
        ) as has_deviation,
        exists(
            select 1 from retests
            where
                retests.batch_id = scopes.batch_id
                and (scopes.step is null or retests.step = scopes.step)
        ) as has_retest,
        exists(
            select 1 from steps
            where
                steps.batch_id = scopes.batch_id
                and steps.is_repeat
                and (scopes.step is null or steps.step = scopes.step)
        ) as has_repeat
    from scopes

),

counts as (

    select
        product_code,
        site,
        month,
        step,
        count(*) as n,
        count(*) filter (
            where not has_deviation and not has_retest and not has_repeat
        ) as n_right,
        count(*) filter (where has_deviation) as n_with_deviation,
        count(*) filter (where has_retest) as n_with_retest,
        count(*) filter (where has_repeat) as n_with_repeat
    from judged
    group by product_code, site, month, step

),

figures as (

    select
        *,
        {{ share_of('n_right', 'n') }} as right_first_time
    from counts

)

select * from figures
