{#- ids: the touched products and those whose specifications are touched -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'product_code'}) }}

with

limits as (

    select * from {{ ref('dim_specification') }}
    where {{ in_ids('product_code', ids) }}

),

products as (

    select * from {{ ref('dim_product') }}
    where {{ in_ids('product_code', ids) }}

),

joined as (

    select
        ---------- ids
        limits.spec_key,
        limits.product_code,
        limits.attribute,
        limits.stage,
        limits.spec_version,
        limits.object_id,
        limits.run_id,
        limits.run_no,
        limits.file_key,

        ---------- the limits
        products.name as product_name,
        limits.lower,
        limits.upper,
        limits.is_lower_inclusive,
        limits.is_upper_inclusive,
        limits.alert_lower,
        limits.alert_upper,
        limits.text_accept,
        limits.unit_ucum,
        limits.decimals,
        limits.is_release,
        limits.is_report_only,

        ---------- in force
        limits.valid_from,
        limits.valid_to,

        ---------- where from
        limits.lims,
        limits.has_warnings or coalesce(products.has_warnings, false) as has_warnings

    from limits
    left join products
        on limits.product_code = products.product_code

)

select * from joined
