{#- ids: every batch that any version of a list ever gave to a sample that was touched -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'batch_id'}) }}

with

measurements as (

    select * from {{ ref('mart_measurement') }}
    where {{ in_ids('batch_id', ids) }}

),

samples as (

    select * from {{ ref('dim_sample') }}
    where {{ in_ids('batch_id', ids) }}

),

-- A censored count, or one that is a setting or a vendor's private field, is no count.
counts as (

    select
        measurements.batch_id,
        measurements.culture_day,
        measurements.sample_id,
        measurements.quantity,
        measurements.value_std,
        measurements.measured_at,
        measurements.has_warnings,
        samples.volume_ml
    from measurements
    inner join samples
        on measurements.sample_id = samples.sample_id
    where
        measurements.quantity in ('vcd', 'viability')
        and measurements.kind in ('measured', 'processed', 'calculated')
        and measurements.qualifier is null
        and measurements.value_std is not null
        and measurements.culture_day is not null

),

days as (

    select
        batch_id,
        culture_day,
        min(sample_id) as sample_id,
        count(*) filter (where quantity = 'vcd') as n_counts,
        max(measured_at) as measured_at,
        avg(value_std) filter (where quantity = 'vcd') as vcd,
        avg(value_std) filter (where quantity = 'viability') as viability,
        arg_min(volume_ml, sample_id) as volume_ml,
        bool_or(has_warnings) as has_warnings
    from counts
    group by batch_id, culture_day
    having count(*) filter (where quantity = 'vcd') > 0

),

totals as (

    select
        *,
        vcd * volume_ml as tvc
    from days

),

-- Days without a volume have no total: the one before is the last that has one.
compared as (

    select
        *,
        first_value(tvc ignore nulls) over first_to_last as first_tvc,
        last_value(tvc ignore nulls) over before as previous_tvc,
        last_value(case when tvc is not null then culture_day end ignore nulls)
            over before as previous_day,
        bool_or(has_warnings) over to_here as rests_on_warnings
    from totals
    window
        first_to_last as (
            partition by batch_id order by culture_day
            rows between unbounded preceding and unbounded following
        ),
        to_here as (
            partition by batch_id order by culture_day
            rows between unbounded preceding and current row
        ),
        before as (
            partition by batch_id order by culture_day
            rows between unbounded preceding and 1 preceding
        )

),

growth as (

    select
        ---------- ids
        batch_id,
        culture_day,
        sample_id,

        ---------- counts
        n_counts,
        measured_at,
        vcd,
        viability,
        volume_ml,

        ---------- growth
        tvc,
        case when first_tvc > 0 then tvc / first_tvc end as fold_expansion,
        case when first_tvc > 0 and tvc > 0 then log2(tvc / first_tvc) end as pdl,
        case
            when previous_tvc > 0 and tvc > previous_tvc
                then (culture_day - previous_day) * 24 * ln(2) / ln(tvc / previous_tvc)
        end as doubling_time_hours,
        rests_on_warnings as has_warnings

    from compared

)

select * from growth
