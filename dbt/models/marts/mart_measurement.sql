{#- ids: the touched objects, and those that hold values of touched samples -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{{ config(meta={'slice_key': 'object_id'}) }}

with

measurements as (

    select * from {{ ref('fct_measurement') }}
    where {{ in_ids('object_id', ids) }}

),

samples as (

    select * from {{ ref('dim_sample') }}

),

joined as (

    select
        ---------- ids
        measurements.measurement_key,
        measurements.object_id,
        measurements.run_id,
        measurements.run_no,
        measurements.file_key,
        measurements.content_sha256,

        ---------- sample and batch
        measurements.sample_id,
        samples.batch_id,
        samples.step,
        samples.culture_day,

        ---------- what was measured
        measurements.kind,
        measurements.quantity_raw,
        measurements.quantity,

        ---------- values
        measurements.value_num,
        measurements.value_text,
        measurements.qualifier,
        measurements.unit_raw,
        measurements.unit_ucum,
        measurements.value_std,

        ---------- where on the plate, in which cells
        measurements.plate_id,
        measurements.well,
        measurements.population_path,

        ---------- with what
        measurements.device_id,
        measurements.device_model,
        measurements.device_serial,

        ---------- timestamps
        measurements.measured_at,
        measurements.time_source,

        ---------- lineage
        measurements.vendor,
        measurements.source_path,
        measurements.has_warnings or coalesce(samples.has_warnings, false) as has_warnings

    from measurements
    left join samples
        on measurements.sample_id = samples.sample_id

)

select * from joined
