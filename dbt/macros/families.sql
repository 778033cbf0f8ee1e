{#-
    Technique families: an instrument file belongs to one, by its ASM manifest. A family's staging
    view pivots the values of a measurement into typed columns, each in one unit.
-#}

{#- Keep the rows of files of these families: the word after `manifests/` in the manifest's name. -#}
{% macro in_family(families) -%}
    regexp_extract(asm_manifest, 'manifests?[/:]([a-z-]+)', 1) in ({{ literals(families) }})
{%- endmacro %}


{#- What a row of a family says of itself, beside what it is grouped by. -#}
{% macro said_of_measurement() -%}
    min(run_id) as run_id,
        min(file_key) as file_key,
        min(sample_id) as sample_id,
        min(sample_role) as sample_role,
        min(plate_id) as plate_id,
        min(well) as well,
        min(device_id) as device_id,
        min(device_model) as device_model,
        min(device_serial) as device_serial,
        min(vendor) as vendor,
        min(measured_at) as measured_at,
        bool_or(has_warnings) as has_warnings
{%- endmacro %}


{#-
    The one value of a quantity: in its canonical unit (value_std), or where `unit` is named, the
    number as read, of rows in that unit alone. Null where there are several: none is chosen.
-#}
{% macro the_value(quantity, unit=none) -%}
    {%- set column = 'value_num' if unit else 'value_std' -%}
    {%- set of_it = "quantity = '" ~ quantity ~ "'" -%}
    {%- if unit -%}
        {%- set of_it = of_it ~ " and unit_ucum = '" ~ unit ~ "'" -%}
    {%- endif -%}
    case
            when count({{ column }}) filter (where {{ of_it }}) = 1
                then max({{ column }}) filter (where {{ of_it }})
        end
{%- endmacro %}


{#- The words that stand for a quantity's number: below a limit, an error. -#}
{% macro the_words(quantity) -%}
    min(value_text) filter (where quantity = '{{ quantity }}')
{%- endmacro %}


{#- Groups that hold a reading, not settings alone. -#}
{% macro has_reading() -%}
    count(*) filter (where kind not in ('setting', 'custom')) > 0
{%- endmacro %}
