-- What the gate could not know: a file came before the LIMS's word, or that was corrected since. A
-- file that was let in with warnings was decided on by a person.
with

samples as (

    select * from {{ ref('dim_sample') }}

),

other_batch as (

    select
        results.object_id,
        results.sample_id,
        results.batch_id as said_in_file,
        samples.batch_id as said_by_lims
    from {{ ref('fct_result') }} as results
    inner join samples
        on results.sample_id = samples.sample_id
    where
        results.lims is null
        and not results.has_warnings
        and lower(trim(results.batch_id)) <> lower(trim(samples.batch_id))

),

other_sample as (

    select
        measurements.object_id,
        samples.sample_id,
        measurements.sample_id as said_in_file,
        samples.sample_id as said_by_lims
    from {{ ref('fct_measurement') }} as measurements
    inner join samples
        on
            lower(trim(measurements.plate_id)) = lower(trim(samples.plate_id))
            and upper(trim(measurements.well)) = upper(trim(samples.well))
    where
        not measurements.has_warnings
        and lower(trim(measurements.sample_id)) <> lower(trim(samples.sample_id))

)

select * from other_batch
union all
select distinct * from other_sample
