{#-
    Does a result meet its limits? Three answers: true, false, and null where it cannot be told. A
    censored number says on which side of itself the truth lies; it decides where that is enough.
-#}

{#- Rounded half away from zero, by decimal digits: 1.005 to two of them is 1.01, as on paper. -#}
{% macro rounded(value, decimals) -%}
    case
            when {{ decimals }} is null then {{ value }}
            else
                coalesce(
                    cast(round(try_cast({{ value }} * pow(10, {{ decimals }}) as decimal(38, 10))) as double),
                    round({{ value }} * pow(10, {{ decimals }}))
                ) / pow(10, {{ decimals }})
        end
{%- endmacro %}


{#- The number in the unit of the limits; null across what cannot be converted. -#}
{% macro in_unit_of_limits() -%}
    case
            when not isfinite(results.value_num) then null
            when limits.unit_ucum = results.unit_ucum then results.value_num
            when limits.unit_ucum is null
                then coalesce(
                    results.value_std,
                    case when results.unit_ucum is null then results.value_num end
                )
            when limits.unit_ucum = attributes.unit_ucum and results.value_std is not null
                then results.value_std
            when units.dimension = units_of_limits.dimension
                then results.value_num * units.size / units_of_limits.size
        end
{%- endmacro %}


{#- Whether the value keeps the lower limit. -#}
{% macro keeps_lower() -%}
    case
            when lower is null then true
            when qualifier is null
                then value_rounded > lower or (value_rounded = lower and is_lower_inclusive)
            when qualifier in ('<', 'ND') and value_spec <= lower then false
            when qualifier = '<='
                and (value_spec < lower or (value_spec = lower and not is_lower_inclusive))
                then false
            when qualifier = '>' and value_spec >= lower then true
            when qualifier = '>='
                and (value_spec > lower or (value_spec = lower and is_lower_inclusive))
                then true
        end
{%- endmacro %}


{#- Whether the value keeps the upper limit. -#}
{% macro keeps_upper() -%}
    case
            when upper is null then true
            when qualifier is null
                then value_rounded < upper or (value_rounded = upper and is_upper_inclusive)
            when qualifier in ('<', 'ND') and value_spec <= upper then true
            when qualifier = '<='
                and (value_spec < upper or (value_spec = upper and is_upper_inclusive))
                then true
            when qualifier = '>' and value_spec >= upper then false
            when qualifier = '>='
                and (value_spec > upper or (value_spec = upper and not is_upper_inclusive))
                then false
        end
{%- endmacro %}


{#- Whether a text is the one asked for; another is no failure where a number would do as well. -#}
{% macro keeps_text() -%}
    case
            when text_accept is null or words is null then null
            when list_contains(
                list_transform(
                    string_split(text_accept, '|'), lambda accepted: lower(trim(accepted))
                ),
                lower(trim(words))
            ) then true
            when lower is null and upper is null then false
        end
{%- endmacro %}


{#- Hours from one time to another; null unless both are known and in this order. -#}
{% macro hours_between(begin, finish) -%}
    case
            when {{ finish }} >= {{ begin }}
                then (epoch_us({{ finish }}) - epoch_us({{ begin }})) / 3600000000.0
        end
{%- endmacro %}
