{#- Rarely asked for: as a view it costs a build nothing and is never behind. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

steps as (

    select * from {{ ref('fct_batch_step') }}

),

batches as (

    select * from {{ ref('dim_batch') }}
    where is_current

),

by_product as (

    select
        ---------- ids
        md5(concat_ws(chr(10), coalesce(batches.product_code, ''), steps.step)) as step_key,
        batches.product_code,
        steps.step,

        ---------- the step
        cast(median(steps.seq) as integer) as seq,
        mode(steps.isa88_level) as isa88_level,
        median(steps.planned_hours) as planned_hours,
        count(*) as n_batches

    from steps
    left join batches
        on steps.batch_id = batches.batch_id
    group by batches.product_code, steps.step

)

select * from by_product
