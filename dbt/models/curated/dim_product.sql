{#- ids: the products that any version of a touched file names -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming('product', 'product_code', ids) -%}
{{ config(meta={'slice_key': 'product_code'}) }}

with

records as (

    select * from {{ ref('stg_product') }}
    where
        {{ in_ids('product_code', ids) }}
        and {{ in_ids('file_key', files) }}

),

newest as (

    select * from records
    qualify
        row_number() over (
            partition by product_code
            order by
                {{ newest_first() }}
        ) = 1

),

products as (

    select
        ---------- ids
        product_code,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- the product
        product_version,
        name,
        modality,
        is_autologous,

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from newest

)

select * from products
