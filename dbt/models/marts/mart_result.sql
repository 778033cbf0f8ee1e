{#- ids: the touched objects, and those that hold results of touched samples -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'object_id'}) }}

with

results as (

    select * from {{ ref('fct_result') }}
    where {{ in_ids('object_id', ids) }}

),

samples as (

    select * from {{ ref('dim_sample') }}

),

joined as (

    select
        ---------- ids
        results.result_key,
        results.object_id,
        results.run_id,
        results.run_no,
        results.file_key,
        results.content_sha256,
        results.row_no,

        ---------- sample and batch
        results.sample_id,
        coalesce(samples.batch_id, results.batch_id) as batch_id,
        samples.step,
        samples.culture_day,

        ---------- what was tested
        results.attribute_raw,
        results.attribute,
        results.replicate,

        ---------- the result
        results.value_num,
        results.value_text,
        results.qualifier,
        results.unit_raw,
        results.unit_ucum,
        results.value_std,
        results.state,

        ---------- how
        results.method,
        results.device_id,
        results.reagent_lot,

        ---------- timestamps
        results.collected_at,
        results.tested_at,
        results.verified_at,

        ---------- lineage
        results.comment,
        results.source_path,
        results.layout,
        results.has_warnings or coalesce(samples.has_warnings, false) as has_warnings

    from results
    left join samples
        on results.sample_id = samples.sample_id

)

select * from joined
