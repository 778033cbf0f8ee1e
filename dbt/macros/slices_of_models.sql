{#-
    Per model: the query that finds its slices from what a build touched. Raw keeps every version
    and run, so these find what was there before a build as well as what is there after it: a sample
    that moves to another batch heals both, and a build that died halfway is simply done again.
-#}

{% macro slices_of_dim_sample() -%}
    select sample_id as id from memory.main.touched_sample
{%- endmacro %}


{% macro slices_of_fct_measurement() -%}
    select object_id as id from memory.main.touched_object where dataset = 'measurement'
{%- endmacro %}


{% macro slices_of_mart_measurement() -%}
    {{ slices_of_fct_measurement() }}
    {%- set samples = touched_samples() -%}
    {%- if samples %}
    union
    select object_id from {{ ref('fct_measurement') }}
    where {{ in_ids('sample_id', samples) }}
    {%- endif -%}
{%- endmacro %}


{% macro slices_of_mart_cell_growth() -%}
    {%- set objects = touched_objects('measurement') -%}
    {%- set samples = touched_samples() -%}
    {%- if objects -%}
        {%- do samples.extend(ids_of(
            "select distinct sample_id from " ~ source('raw', 'measurement')
            ~ " where quantity in ('vcd', 'viability') and " ~ in_ids('object_id', objects)
        )) -%}
    {%- endif -%}
    select distinct batch_id as id from {{ source('raw', 'sample') }}
    where {{ in_ids('sample_id', samples) }}
{%- endmacro %}


{#- The files of every list, current or not, that names one of these samples. -#}
{% macro files_naming_samples(samples) -%}
    {%- if not is_slice_build() -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set objects = ids_of(
        "select distinct object_id from " ~ source('raw', 'sample')
        ~ " where " ~ in_ids('sample_id', samples)
    ) -%}
    {{ return(ids_of(
        "select distinct file_key from " ~ source('raw', 'load')
        ~ " where " ~ in_ids('object_id', objects)
    )) }}
{%- endmacro %}
