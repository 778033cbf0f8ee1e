{#- ids: what touches a result or its verdict, see slices_of_fct_result -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_of(ids) -%}
{%- set lines = named_in('result', 'result_id', ids) -%}
{%- set files_of_lines = files_naming('result', 'result_id', lines) -%}
{{ config(meta={'slice_key': 'object_id'}) }}

with

reported as (

    select * from {{ ref('stg_result') }}
    where
        {{ in_ids('object_id', ids) }}
        -- which run is current is asked of these files alone
        and {{ in_ids('file_key', files) }}

),

-- Versions of a LIMS's result lie in files of their own.
versions as (

    select
        object_id,
        row_no,
        row_number() over (
            partition by result_id
            order by
                {{ newest_first() }}
        ) = 1 as is_current,
        row_number() over (
            partition by result_id
            order by
                {{ oldest_first() }}
        ) as version_no
    from {{ ref('stg_result') }}
    where
        {{ in_ids('result_id', lines) }}
        and {{ in_ids('file_key', files_of_lines) }}
        and result_id is not null

),

samples as (

    select * from {{ ref('dim_sample') }}

),

results as (

    select
        reported.*,
        coalesce(versions.is_current, true) as is_current,
        coalesce(versions.version_no, 1) as version_no,
        coalesce(samples.batch_id, reported.batch_id) as batch_of_sample,
        coalesce(reported.stage, samples.step) as stage_tested,
        coalesce(
            reported.tested_at, reported.verified_at, reported.collected_at, samples.collected_at
        ) as judged_at
    from reported
    left join versions
        on
            reported.object_id = versions.object_id
            and reported.row_no = versions.row_no
    left join samples
        on reported.sample_id = samples.sample_id

),

batches as (

    select * from {{ ref('dim_batch') }}
    where is_current

),

-- The limits in force when it was tested, in their newest version.
measured as (

    select
        results.*,
        batches.product_code,
        limits.spec_key,
        limits.lower,
        limits.upper,
        limits.is_lower_inclusive,
        limits.is_upper_inclusive,
        limits.alert_lower,
        limits.alert_upper,
        limits.text_accept,
        limits.is_report_only,
        least(greatest(limits.decimals, 0), 12) as decimals,
        coalesce(results.value_text, results.value_raw) as words,
        {{ in_unit_of_limits() }} as value_spec
    from results
    left join batches
        on results.batch_of_sample = batches.batch_id
    left join {{ ref('dim_specification') }} as limits
        on
            batches.product_code = limits.product_code
            and results.attribute = limits.attribute
            and results.stage_tested = limits.stage
            and (limits.valid_from is null or results.judged_at >= limits.valid_from)
            and (limits.valid_to is null or results.judged_at < limits.valid_to)
    left join {{ ref('dim_attribute') }} as attributes
        on results.attribute = attributes.attribute
    left join {{ ref('dim_unit') }} as units
        on results.unit_ucum = units.unit_ucum
    left join {{ ref('dim_unit') }} as units_of_limits
        on limits.unit_ucum = units_of_limits.unit_ucum
    qualify
        row_number() over (
            partition by results.object_id, results.row_no, results.result_key
            order by limits.spec_version desc nulls last
        ) = 1

),

compared as (

    select
        *,
        {{ rounded('value_spec', 'decimals') }} as value_rounded
    from measured

),

judged as (

    select
        *,
        case
            when
                spec_key is null or is_report_only
                or coalesce(state in ('assigned', 'provisional'), false)
                then null
            when value_spec is null and coalesce(qualifier, 'ND') = 'ND' then {{ keeps_text() }}
            when lower is null and upper is null then null
            else {{ keeps_lower() }} and {{ keeps_upper() }}
        end as pass_flag,
        case
            when qualifier is null and coalesce(alert_lower, alert_upper) is not null
                then
                    coalesce(value_rounded < alert_lower, false)
                    or coalesce(value_rounded > alert_upper, false)
        end as is_beyond_alert
    from compared

),

final as (

    select
        ---------- ids
        result_key,
        object_id,
        run_id,
        run_no,
        file_key,
        content_sha256,
        row_no,

        ---------- of what
        sample_id,
        batch_id,
        attribute_raw,
        attribute,
        replicate,

        ---------- the result
        value_raw,
        value_num,
        value_text,
        qualifier,
        unit_raw,
        unit_ucum,
        value_std,
        state,

        ---------- how, by whom
        method,
        device_id,
        reagent_lot,
        analyst,
        reviewer,

        ---------- timestamps
        collected_at,
        tested_at,
        verified_at,

        ---------- lineage
        comment,
        source_path,
        layout,
        parser_version,
        has_warnings,

        ---------- of the LIMS
        result_id,
        stage,
        record_version,
        supersedes,
        retest_of,
        is_invalidated,
        modified_at,
        lims,
        cast(version_no as integer) as version_no,
        is_current,

        ---------- judged
        product_code,
        spec_key,
        value_spec,
        pass_flag,
        case when value_rounded is not null then is_beyond_alert end as is_beyond_alert

    from judged

)

select * from final
