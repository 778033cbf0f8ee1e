{{ config(materialized='view') }}

with

measurements as (

    select * from {{ ref('stg_measurement') }}
    where {{ in_family(['pcr']) }}

),

readings as (

    select
        ---------- ids
        object_id,
        run_no,
        ordinal,
        target,
        {{ said_of_measurement() }},

        ---------- values
        {{ the_value('ct') }} as ct,
        {{ the_value('quantity', '1') }} as quantity,
        {{ the_value('copy_number_concentration') }} as copies_per_ul,
        {{ the_value('total_partition_count', '{#}') }} as partitions,
        {{ the_value('positive_partition_count', '{#}') }} as positive_partitions,
        {{ the_value('negative_partition_count', '{#}') }} as negative_partitions

    from measurements
    group by object_id, run_no, ordinal, target
    having {{ has_reading() }}

)

select * from readings
