{#-
    Per model: its slices, from what a build touched. Raw keeps every version and run, so these find
    what was there before a build as well as what is there after it: a sample that moves to another
    batch heals both, and a build that died halfway is simply done again.
-#}

{% macro slices_of_dim_sample(touched) -%}
    {{ return(named_in('sample', 'sample_id', touched.get('touched_sample', []))) }}
{%- endmacro %}


{% macro slices_of_fct_measurement(touched) -%}
    {{ return(touched.get('touched_measurement', [])) }}
{%- endmacro %}


{% macro slices_of_fct_point(touched) -%}
    {{ return(touched.get('touched_point', [])) }}
{%- endmacro %}


{% macro slices_of_mart_point(touched) -%}
    {{ return(touched.get('touched_point', [])) }}
{%- endmacro %}


{% macro slices_of_dim_reference(touched) -%}
    {{ return(touched.get('touched_reference', [])) }}
{%- endmacro %}


{% macro slices_of_mart_reference(touched) -%}
    {{ return(touched.get('touched_reference', [])) }}
{%- endmacro %}


{#- The touched objects, and those that hold values of touched samples. -#}
{% macro slices_of_mart_measurement(touched) -%}
    {%- set objects = touched.get('touched_measurement', []) -%}
    {%- set samples = touched.get('dim_sample', []) -%}
    {%- if samples -%}
        {%- set objects = objects + ids_of(
            "select distinct object_id from " ~ ref('fct_measurement')
            ~ " where " ~ in_ids('sample_id', samples)
        ) -%}
    {%- endif -%}
    {{ return(objects | unique | list) }}
{%- endmacro %}


{#- Every batch that any version of a list ever gave to a sample that is touched or counted. -#}
{% macro slices_of_mart_cell_growth(touched) -%}
    {%- set objects = touched.get('touched_measurement', []) -%}
    {%- set samples = touched.get('dim_sample', []) -%}
    {%- if objects -%}
        {%- set samples = samples + ids_of(
            "select distinct sample_id from " ~ source('raw', 'measurement')
            ~ " where quantity in ('vcd', 'viability') and " ~ in_ids('object_id', objects)
        ) -%}
    {%- endif -%}
    {%- if not samples -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(ids_of(
        "select distinct batch_id from " ~ source('raw', 'sample')
        ~ " where " ~ in_ids('sample_id', samples)
    )) }}
{%- endmacro %}


{% macro slices_of_fct_process_reading(touched) -%}
    {{ return(touched.get('touched_process_reading', [])) }}
{%- endmacro %}


{#- The days of each batch that any version or run of the touched files reads. -#}
{% macro slices_of_mart_process_minute(touched) -%}
    {%- set objects = touched.get('touched_process_reading', []) -%}
    {%- if not objects -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(ids_of(
        "select distinct " ~ batch_day('readings') ~ " from " ~ source('raw', 'process_reading')
        ~ " as readings where " ~ in_ids('object_id', objects)
    )) }}
{%- endmacro %}
