-- Individuals and moving ranges. The baseline is the first 20 accepted batches, then it is frozen.
with

points as (

    select
        *,
        row_number() over chart as point_no
    from {{ ref('int_individual') }}
    where value is not null
    window
        chart as (
            partition by product_code, attribute, stage, process_version
            order by taken_at asc nulls last, batch_id asc
        )

),

accepted as (

    select
        *,
        row_number() over chart as accepted_no,
        abs(value - lag(value) over chart) as moving_range
    from points
    where is_accepted
    window
        chart as (
            partition by product_code, attribute, stage, process_version order by point_no
        )

),

baselines as (

    select
        product_code,
        attribute,
        stage,
        process_version,
        count(*) as n_baseline,
        avg(value) as center,
        nullif(avg(moving_range) / 1.128, 0) as sigma
    from accepted
    where accepted_no <= 20
    group by product_code, attribute, stage, process_version
    having count(*) = 20

),

standardised as (

    select
        points.*,
        baselines.n_baseline,
        baselines.center,
        baselines.sigma,
        (points.value - baselines.center) / baselines.sigma as z,
        sign(points.value - lag(points.value) over chart) as direction
    from points
    left join baselines
        on
            points.product_code is not distinct from baselines.product_code
            and points.attribute = baselines.attribute
            and points.stage = baselines.stage
            and points.process_version is not distinct from baselines.process_version
    window
        chart as (
            partition by points.product_code, points.attribute, points.stage, points.process_version
            order by points.point_no
        )

),

turned as (

    select
        *,
        direction * lag(direction) over chart < 0 as is_turn
    from standardised
    window
        chart as (
            partition by product_code, attribute, stage, process_version order by point_no
        )

),

-- A pattern is told of its last point: for rules 5 and 6 one that lies beyond.
ruled as (

    select
        *,
        abs(z) > 3 as rule_1,
        count(*) filter (where z > 0) over last_9 = 9
        or count(*) filter (where z < 0) over last_9 = 9 as rule_2,
        count(*) filter (where direction > 0) over last_5 = 5
        or count(*) filter (where direction < 0) over last_5 = 5 as rule_3,
        count(*) filter (where is_turn) over last_12 = 12 as rule_4,
        (z > 2 and count(*) filter (where z > 2) over last_3 >= 2)
        or (z < -2 and count(*) filter (where z < -2) over last_3 >= 2) as rule_5,
        (z > 1 and count(*) filter (where z > 1) over last_5 >= 4)
        or (z < -1 and count(*) filter (where z < -1) over last_5 >= 4) as rule_6,
        count(*) filter (where abs(z) < 1) over last_15 = 15 as rule_7,
        count(*) filter (where abs(z) > 1) over last_8 = 8 as rule_8
    from turned
    window
        chart as (
            partition by product_code, attribute, stage, process_version order by point_no
        ),
        last_3 as (chart rows between 2 preceding and current row),
        last_5 as (chart rows between 4 preceding and current row),
        last_8 as (chart rows between 7 preceding and current row),
        last_9 as (chart rows between 8 preceding and current row),
        last_12 as (chart rows between 11 preceding and current row),
        last_15 as (chart rows between 14 preceding and current row)

),

charted as (

    select
        ---------- ids
        product_code,
        attribute,
        stage,
        process_version,
        batch_id,
        site,

        ---------- the point
        point_no,
        taken_at,
        value,
        n_results,
        is_accepted,
        pass_flag,
        is_beyond_alert,

        ---------- the limits
        n_baseline,
        center,
        sigma,
        center - 3 * sigma as lower_control_limit,
        center + 3 * sigma as upper_control_limit,

        ---------- the rules; null without limits
        case when z is not null then rule_1 end as rule_1,
        case when z is not null then rule_2 end as rule_2,
        case when z is not null then rule_3 end as rule_3,
        case when z is not null then rule_4 end as rule_4,
        case when z is not null then rule_5 end as rule_5,
        case when z is not null then rule_6 end as rule_6,
        case when z is not null then rule_7 end as rule_7,
        case when z is not null then rule_8 end as rule_8
    from ruled

),

judged as (

    select
        *,
        case
            when pass_flag
                then {{ any_nelson_rule() }} or coalesce(is_beyond_alert, false)
            when not pass_flag then false
        end as is_oot
    from charted

)

select * from judged
