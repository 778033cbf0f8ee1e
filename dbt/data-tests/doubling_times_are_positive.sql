-- A doubling time of cells that do not grow must be null, never zero or negative.
select
    batch_id,
    culture_day
from {{ ref('mart_cell_growth') }}
where doubling_time_hours <= 0
