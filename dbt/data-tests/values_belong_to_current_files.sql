-- A value in the mart whose run is not the current one of its file: a slice was not rebuilt.
select mart_measurement.measurement_key
from {{ ref('mart_measurement') }} as mart_measurement
left join {{ ref('stg_load') }} as stg_load
    on
        mart_measurement.object_id = stg_load.object_id
        and mart_measurement.run_no = stg_load.run_no
where stg_load.object_id is null
