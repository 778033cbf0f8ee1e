{#- ids: the batches that any version of a touched file names -#}
{%- set known = touched() -%}
{%- set ids = slice_ids(known) -%}
{%- set files = files_naming('batch', 'batch_id', ids) -%}
{{ config(meta={'slice_key': 'batch_id'}) }}

with

records as (

    select * from {{ ref('stg_batch') }}
    where
        {{ in_ids('batch_id', ids) }}
        and {{ in_ids('file_key', files) }}

),

-- A version that is told twice, pushed and pulled, is one version: as it was told last.
told_once as (

    select * from records
    qualify
        record_version is null
        or row_number() over (
            partition by batch_id, record_version
            order by
                {{ newest_first() }}
        ) = 1

),

ordered as (

    select
        *,
        row(
            product_code, coi_hash, site, process_version, status, started_at, target_release_at,
            dispositioned_at, released_oos
        ) as state,
        row_number() over (
            partition by batch_id
            order by
                {{ oldest_first() }}
        ) as place
    from told_once

),

-- What is told again without a change begins no version.
changed as (

    select * from ordered
    qualify
        place = 1
        or state is distinct from lag(state) over (partition by batch_id order by place)

),

-- A later version never begins before an earlier one, whatever the clocks said.
timed as (

    select
        *,
        row_number() over versions as version_no,
        max(coalesce(modified_at, landed_at)) over (
            partition by batch_id order by place
            rows between unbounded preceding and current row
        ) as valid_from
    from changed
    window versions as (partition by batch_id order by place)

),

batches as (

    select
        ---------- ids
        md5(concat_ws(chr(10), batch_id, version_no)) as batch_key,
        batch_id,
        cast(version_no as integer) as version_no,
        object_id,
        run_id,
        run_no,
        file_key,

        ---------- the batch
        product_code,
        coi_hash,
        site,
        process_version,
        status,
        started_at,
        target_release_at,
        dispositioned_at,
        released_oos,

        ---------- from when to when
        valid_from,
        lead(valid_from) over versions as valid_to,
        lead(place) over versions is null as is_current,

        ---------- which version
        record_version,
        modified_at,
        lims,
        has_warnings

    from timed
    window versions as (partition by batch_id order by place)

)

select * from batches
