{#- ids: the instruments that any version of a touched file names -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming('calibration', 'device_id', ids) -%}
{{ config(meta={'slice_key': 'device_id'}) }}

with

records as (

    select * from {{ ref('stg_calibration') }}
    where
        {{ in_ids('device_id', ids) }}
        and {{ in_ids('file_key', files) }}

),

newest as (

    select * from records
    qualify
        row_number() over (
            partition by device_id, calibrated_at
            order by
                {{ newest_first() }}
        ) = 1

),

calibrations as (

    select
        ---------- ids
        device_id,
        calibrated_at,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- the calibration
        due_at,
        outcome,
        certificate,
        lead(calibrated_at) over (partition by device_id order by calibrated_at)
            as next_calibrated_at,

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from newest

)

select * from calibrations
