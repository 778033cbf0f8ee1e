{#-
    Days and minutes of process readings, in UTC whatever the session's time zone: worked out from
    microseconds since 1970, which also is several times faster than by calendar.
-#}

{% macro batch_day(relation) -%}
    concat_ws(
        '/',
        coalesce({{ relation }}.batch_id, ''),
        coalesce(cast(cast(make_timestamp(epoch_us({{ relation }}.measured_at)) as date) as varchar), '')
    )
{%- endmacro %}


{% macro minute_of(column) -%}
    epoch_us({{ column }}) // 60000000
{%- endmacro %}
