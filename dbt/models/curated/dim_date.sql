{#- Constants. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

days as (

    select unnest(generate_series(date '2000-01-01', date '2099-12-31', interval 1 day))
        as day_start

),

calendar as (

    select
        strftime(day_start, '%Y-%m-%d') as date_id,
        cast(year(day_start) as integer) as year,
        cast(quarter(day_start) as integer) as quarter,
        cast(month(day_start) as integer) as month,
        cast(day(day_start) as integer) as day,
        cast(isodow(day_start) as integer) as weekday,
        cast(isoyear(day_start) as integer) as iso_year,
        cast(weekofyear(day_start) as integer) as iso_week,
        strftime(day_start, '%Y-%m') as month_id
    from days

)

select * from calendar
