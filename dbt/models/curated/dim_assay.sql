{#- Rarely asked for: as a view it costs a build nothing and is never behind. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

results as (

    select * from {{ ref('fct_result') }}
    where is_current and method is not null

),

assays as (

    select
        ---------- ids
        md5(concat_ws(chr(10), attribute, method)) as assay_key,
        attribute,
        method,

        ---------- its use
        count(*) as n_results,
        min(tested_at) as first_tested_at,
        max(tested_at) as last_tested_at

    from results
    group by attribute, method

)

select * from assays
