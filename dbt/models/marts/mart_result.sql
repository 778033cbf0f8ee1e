{#- ids: the objects judged anew, and those that hold results of touched instruments -#}
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

batches as (

    select * from {{ ref('dim_batch') }}
    where is_current

),

limits as (

    select * from {{ ref('dim_specification') }}

),

calibrations as (

    select * from {{ ref('fct_calibration') }}

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
        results.has_warnings or coalesce(samples.has_warnings, false) as has_warnings,

        ---------- of the LIMS
        results.result_id,
        results.stage,
        results.record_version,
        results.supersedes,
        results.retest_of,
        results.is_invalidated,
        results.modified_at,
        results.lims,
        results.version_no,
        results.is_current,

        ---------- judged
        results.product_code,
        batches.site,
        batches.process_version,
        results.spec_key,
        results.value_spec,
        results.pass_flag,
        results.is_beyond_alert,
        limits.spec_version,
        limits.lower as spec_lower,
        limits.upper as spec_upper,
        limits.is_lower_inclusive,
        limits.is_upper_inclusive,
        limits.alert_lower,
        limits.alert_upper,
        limits.text_accept,
        limits.unit_ucum as spec_unit_ucum,
        limits.decimals as spec_decimals,
        limits.is_release,
        limits.is_report_only,
        calibrations.outcome in ('passed', 'adjusted')
        and (calibrations.due_at is null or results.tested_at < calibrations.due_at)
            as is_device_calibrated

    from results
    left join samples
        on results.sample_id = samples.sample_id
    left join batches
        on coalesce(samples.batch_id, results.batch_id) = batches.batch_id
    left join limits
        on results.spec_key = limits.spec_key
    left join calibrations
        on
            results.device_id = calibrations.device_id
            and results.tested_at >= calibrations.calibrated_at
            and results.tested_at < coalesce(
                calibrations.next_calibrated_at, cast('infinity' as timestamptz)
            )

)

select * from joined
