{#- ids: the products that any version of a touched file names -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming('specification', 'product_code', ids) -%}
{{ config(meta={'slice_key': 'product_code'}) }}

with

records as (

    select * from {{ ref('stg_specification') }}
    where
        {{ in_ids('product_code', ids) }}
        and {{ in_ids('file_key', files) }}

),

newest as (

    select * from records
    qualify
        row_number() over (
            partition by product_code, attribute, stage, spec_version
            order by
                {{ newest_first() }}
        ) = 1

),

specifications as (

    select
        ---------- ids
        md5(concat_ws(chr(10), product_code, attribute, stage, spec_version)) as spec_key,
        product_code,
        attribute,
        stage,
        spec_version,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- the limits
        lower,
        upper,
        coalesce(is_lower_inclusive, true) as is_lower_inclusive,
        coalesce(is_upper_inclusive, true) as is_upper_inclusive,
        alert_lower,
        alert_upper,
        text_accept,
        unit_ucum,
        decimals,
        coalesce(is_release, false) as is_release,
        coalesce(is_report_only, false) as is_report_only,

        ---------- in force
        valid_from,
        valid_to,

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from newest

)

select * from specifications
