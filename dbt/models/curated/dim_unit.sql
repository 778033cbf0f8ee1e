{#- Constants: what is counted is part of a dimension, for vector genomes are no cells. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

listed (unit_ucum, dimension, size) as (

    values
    ('%', 'share', 1.0),
    ('1', 'number', 1.0),
    ('{copies}/{cells}', 'copies per cell', 1.0),
    ('{copies}/{cell}', 'copies per cell', 1.0),
    ('[pH]', 'pH', 1.0),
    ('{cells}', 'cells', 1.0),
    ('10*6', 'cells', 1000000.0),
    ('{cells}/mL', 'cells per volume', 1.0),
    ('{cells}/uL', 'cells per volume', 1000.0),
    ('10*6/mL', 'cells per volume', 1000000.0),
    ('{beads}', 'beads', 1.0),
    ('{copies}/mL', 'copies per volume', 1.0),
    ('{copies}/uL', 'copies per volume', 1000.0),
    ('{vg}/mL', 'vector genomes per volume', 1.0),
    ('{vg}/uL', 'vector genomes per volume', 1000.0),
    ('{TU}/mL', 'transducing units per volume', 1.0),
    ('{TU}/uL', 'transducing units per volume', 1000.0),
    ('{EU}/mL', 'endotoxin per volume', 1.0),
    ('[IU]/mL', 'international units per volume', 1.0),
    ('pg/mL', 'mass per volume', 1.0),
    ('ng/mL', 'mass per volume', 1000.0),
    ('ug/mL', 'mass per volume', 1000000.0),
    ('mg/mL', 'mass per volume', 1000000000.0),
    ('g/L', 'mass per volume', 1000000000.0),
    ('ng/uL', 'mass per volume', 1000000.0),
    ('pg/uL', 'mass per volume', 1000.0),
    ('mosm/kg', 'osmolality', 1.0),
    ('osm/kg', 'osmolality', 1000.0),
    ('mL', 'volume', 1.0),
    ('L', 'volume', 1000.0),
    ('h', 'time', 1.0),
    ('d', 'time', 24.0)

),

units as (

    select
        unit_ucum,
        dimension,
        cast(size as double) as size
    from listed

)

select * from units
