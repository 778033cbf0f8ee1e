{#- Data tests that contracts name: what a rule says of a single row. A null keeps every one. -#}

{#- The bounds come as SQL, e.g. 0 or timestamptz '1990-01-01'; "not a number" is in no range. -#}
{% test in_range(
    model, column_name, min_value=none, max_value=none, strict_min=false, strict_max=false
) %}
    select {{ column_name }}
    from {{ model }}
    where
        lower(cast({{ column_name }} as varchar)) = 'nan'
        {%- if min_value is not none %}
        or {{ column_name }} {{ '<=' if strict_min else '<' }} {{ min_value }}
        {%- endif %}
        {%- if max_value is not none %}
        or {{ column_name }} {{ '>=' if strict_max else '>' }} {{ max_value }}
        {%- endif %}
{% endtest %}


{#- A regular expression that the text must match. -#}
{% test matches(model, column_name, pattern) %}
    select {{ column_name }}
    from {{ model }}
    where not regexp_matches({{ column_name }}, '{{ pattern | replace("'", "''") }}')
{% endtest %}
