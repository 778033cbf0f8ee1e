-- A therapy from its first apheresis to its infusion; a remade batch is of the same therapy.
with

milestones as (

    select
        events.coi_hash,
        events.batch_id,
        events.event,
        events.occurred_at,
        batches.product_code,
        batches.site,
        batches.timezone
    from {{ source('marts', 'mart_batch_event') }} as events
    inner join {{ source('marts', 'mart_batch') }} as batches
        on events.batch_id = batches.batch_id
    where events.coi_hash is not null

),

begun as (

    select
        coi_hash,
        min(occurred_at) as apheresis_at
    from milestones
    where event = 'apheresis'
    group by coi_hash

),

infused as (

    select distinct on (milestones.coi_hash)
        milestones.coi_hash,
        milestones.batch_id,
        milestones.occurred_at as infusion_at
    from milestones
    inner join begun
        on milestones.coi_hash = begun.coi_hash
    where milestones.event = 'infusion' and milestones.occurred_at >= begun.apheresis_at
    order by milestones.coi_hash asc, milestones.occurred_at asc, milestones.batch_id asc

),

-- Of the batch that was infused; until one is, of the last that was begun.
made as (

    select distinct on (milestones.coi_hash)
        milestones.coi_hash,
        milestones.product_code,
        milestones.site,
        milestones.timezone
    from milestones
    left join infused
        on milestones.coi_hash = infused.coi_hash
    where infused.batch_id is null or milestones.batch_id = infused.batch_id
    order by milestones.coi_hash asc, milestones.occurred_at desc, milestones.batch_id desc

),

counted as (

    select
        coi_hash,
        count(distinct batch_id) as n_batches
    from milestones
    group by coi_hash

),

chains as (

    select
        begun.coi_hash,
        made.product_code,
        made.site,
        counted.n_batches,
        begun.apheresis_at,
        infused.infusion_at,
        infused.infusion_at is not null as is_infused,
        extract(epoch from infused.infusion_at - begun.apheresis_at) / 86400.0 as days,
        made.timezone
    from begun
    inner join made
        on begun.coi_hash = made.coi_hash
    inner join counted
        on begun.coi_hash = counted.coi_hash
    left join infused
        on begun.coi_hash = infused.coi_hash

),

dated as (

    select
        *,
        {{ site_month('coalesce(infusion_at, apheresis_at)', 'timezone') }} as month
    from chains

)

select * from dated
