{#- ids: the touched objects -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'object_id'}) }}

with

points as (

    select * from {{ ref('fct_point') }}
    where {{ in_ids('object_id', ids) }}

),

plotted as (

    select
        ---------- ids
        point_key,
        series_key,
        object_id,
        run_id,
        run_no,
        file_key,
        content_sha256,

        ---------- what it was measured on
        kind,
        sample_id,
        plate_id,
        well,
        sample_role,
        target,
        device_id,

        ---------- the series
        series,
        series_no,
        point_no,

        ---------- the point
        x_concept,
        x_unit_ucum,
        x_value,
        x2_concept,
        x2_unit_ucum,
        x2_value,
        y_concept,
        y_unit_ucum,
        y_value,

        ---------- timestamps
        measured_at,
        time_source,

        ---------- lineage
        source_path,
        vendor,
        has_warnings

    from points

)

select * from plotted
