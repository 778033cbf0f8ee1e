{#-
    The slices of models that rest on a LIMS's records: the keys that any version of a touched file
    names, and what follows from them. Raw keeps every version: a batch that changes its product heals
    the old one's slices as well as the new one's.
-#}

{% macro slices_of_dim_product(touched) -%}
    {{ return(named_in('product', 'product_code', touched.get('touched_product', []))) }}
{%- endmacro %}


{% macro slices_of_dim_batch(touched) -%}
    {{ return(named_in('batch', 'batch_id', touched.get('touched_batch', []))) }}
{%- endmacro %}


{% macro slices_of_dim_specification(touched) -%}
    {{ return(named_in('specification', 'product_code', touched.get('touched_specification', []))) }}
{%- endmacro %}


{#- Every site that any version ever gave to a touched instrument. -#}
{% macro slices_of_dim_site(touched) -%}
    {%- set devices = named_in('instrument', 'device_id', touched.get('touched_instrument', [])) -%}
    {{ return(found_by('instrument', 'site', 'device_id', devices)) }}
{%- endmacro %}


{% macro slices_of_fct_batch_step(touched) -%}
    {{ return(named_in('batch_step', 'batch_id', touched.get('touched_batch_step', []))) }}
{%- endmacro %}


{% macro slices_of_fct_batch_event(touched) -%}
    {{ return(named_in('batch_event', 'batch_id', touched.get('touched_batch_event', []))) }}
{%- endmacro %}


{% macro slices_of_fct_quality_event(touched) -%}
    {{ return(named_in('quality_event', 'event_id', touched.get('touched_quality_event', []))) }}
{%- endmacro %}


{% macro slices_of_fct_calibration(touched) -%}
    {{ return(named_in('calibration', 'device_id', touched.get('touched_calibration', []))) }}
{%- endmacro %}


{#-
    The touched objects and those that hold other versions of their results; and every object that
    holds a result of a touched sample, or of a sample of a batch that is touched or whose product's
    specification is.
-#}
{% macro slices_of_fct_result(touched) -%}
    {%- set objects = touched.get('touched_result', []) -%}
    {%- set lines = named_in('result', 'result_id', objects) -%}
    {%- set objects = objects + found_by('result', 'object_id', 'result_id', lines) -%}
    {%- set products = touched.get('dim_specification', []) -%}
    {%- set batches = touched.get('dim_batch', [])
        + found_by('batch', 'batch_id', 'product_code', products) -%}
    {%- set samples = touched.get('dim_sample', [])
        + found_by('sample', 'sample_id', 'batch_id', batches) -%}
    {{ return((
        objects
        + found_by('result', 'object_id', 'sample_id', samples)
        + found_by('result', 'object_id', 'batch_id', batches)
    ) | unique | list) }}
{%- endmacro %}


{#- The same, and every object that holds a result of a touched instrument. -#}
{% macro slices_of_mart_result(touched) -%}
    {{ return((
        touched.get('fct_result', [])
        + found_by('result', 'object_id', 'device_id', touched.get('fct_calibration', []))
    ) | unique | list) }}
{%- endmacro %}


{% macro slices_of_mart_batch(touched) -%}
    {{ return((
        touched.get('dim_batch', [])
        + found_by('batch', 'batch_id', 'product_code', touched.get('dim_product', []))
        + found_by('batch', 'batch_id', 'site', touched.get('dim_site', []))
    ) | unique | list) }}
{%- endmacro %}


{% macro slices_of_mart_batch_step(touched) -%}
    {{ return(touched.get('fct_batch_step', [])) }}
{%- endmacro %}


{% macro slices_of_mart_batch_event(touched) -%}
    {{ return((touched.get('fct_batch_event', []) + touched.get('dim_batch', [])) | unique | list) }}
{%- endmacro %}


{% macro slices_of_mart_quality_event(touched) -%}
    {{ return(touched.get('fct_quality_event', [])) }}
{%- endmacro %}


{% macro slices_of_mart_specification(touched) -%}
    {{ return(
        (touched.get('dim_specification', []) + touched.get('dim_product', [])) | unique | list
    ) }}
{%- endmacro %}


{% macro slices_of_mart_sample(touched) -%}
    {{ return(touched.get('dim_sample', [])) }}
{%- endmacro %}
