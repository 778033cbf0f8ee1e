{#- ids: the days of each batch that any version of a touched file reads -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'batch_day', 'portions_of': 'fct_process_reading'}) }}

with

-- A reading without batch, tag or time (let in by a release) belongs to no minute.
readings as (

    select
        batch_day,
        batch_id,
        unit_operation,
        tag,
        coalesce(unit_ucum, unit_raw, '') as unit,
        {{ minute_of('measured_at') }} as minute_no,
        measured_at,
        object_id,
        value_num,
        value_text,
        setpoint,
        has_warnings,
        -- one number that orders readings: by time, then by their place in the file
        epoch_us(measured_at)::hugeint * 1000000000000 + row_no as reading_order
    from {{ ref('fct_process_reading') }}
    where
        {{ in_ids('batch_day', ids) }}
        and {{ every_slice() }}
        and batch_id is not null
        and unit_operation is not null
        and tag is not null
        and measured_at is not null

),

minutes as (

    select
        ---------- ids
        batch_day,
        batch_id,
        unit_operation,
        tag,
        unit,
        make_timestamptz(minute_no * 60000000) as minute_start,

        ---------- figures of the minute
        count(value_num) as n,
        avg(value_num) as mean_value,
        arg_max(value_num, reading_order) as last_value,
        min(value_num) as min_value,
        max(value_num) as max_value,
        arg_max(setpoint, reading_order) as last_setpoint,
        arg_max(value_text, reading_order) as last_text,

        ---------- where from
        count(distinct object_id) as n_objects,
        arg_max(object_id, reading_order) as last_object_id,
        max(measured_at) as last_measured_at,
        bool_or(has_warnings) as has_warnings

    from readings
    group by batch_day, batch_id, unit_operation, tag, unit, minute_no

)

select * from minutes
