{#- ids: the touched batches, and those of touched products and sites -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'batch_id'}) }}

with

batches as (

    select * from {{ ref('dim_batch') }}
    where {{ in_ids('batch_id', ids) }} and is_current

),

products as (

    select * from {{ ref('dim_product') }}

),

sites as (

    select * from {{ ref('dim_site') }}

),

joined as (

    select
        ---------- ids
        batches.batch_id,
        batches.object_id,
        batches.run_id,
        batches.run_no,
        batches.file_key,

        ---------- the batch
        batches.product_code,
        products.name as product_name,
        products.modality,
        products.is_autologous,
        batches.coi_hash,
        batches.site,
        sites.timezone,
        batches.process_version,
        batches.status,
        batches.started_at,
        batches.target_release_at,
        batches.dispositioned_at,
        coalesce(batches.released_oos, false) as released_oos,

        ---------- which version
        batches.version_no,
        batches.valid_from,
        batches.lims,
        batches.has_warnings or coalesce(products.has_warnings, false) as has_warnings

    from batches
    left join products
        on batches.product_code = products.product_code
    left join sites
        on batches.site = sites.site

)

select * from joined
