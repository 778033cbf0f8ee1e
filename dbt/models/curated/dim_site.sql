{#- ids: every site that any version ever gave to a touched instrument -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set devices = found_by('instrument', 'device_id', 'site', ids) -%}
{%- set files = files_naming('instrument', 'device_id', devices) -%}
{{ config(meta={'slice_key': 'site'}) }}

with

records as (

    select * from {{ ref('stg_instrument') }}
    where
        {{ in_ids('device_id', devices) }}
        and {{ in_ids('file_key', files) }}

),

newest as (

    select * from records
    qualify
        row_number() over (
            partition by device_id
            order by
                {{ newest_first() }}
        ) = 1

),

clocks as (

    select name as timezone from pg_timezone_names()

),

-- A name that no clock knows must not reach a figure of days.
zones as (

    select
        newest.site,
        clocks.timezone,
        count(*) as n
    from newest
    left join clocks
        on newest.timezone = clocks.timezone
    where {{ in_ids('newest.site', ids) }} and newest.site is not null
    group by newest.site, clocks.timezone

),

sites as (

    select
        site,
        arg_max(timezone, (n, timezone)) filter (where timezone is not null) as timezone,
        cast(sum(n) as bigint) as n_instruments
    from zones
    group by site

)

select * from sites
