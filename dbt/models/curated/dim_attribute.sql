{#- Constants: the quality attributes of cell and gene therapies that are known by code. -#}
{{ config(materialized='view', pre_hook=[]) }}

with

attributes (attribute, name, unit_ucum, direction, is_cqa, is_release, is_log) as (

    values
    ('viability', 'Viability', '%', 'higher', true, true, false),
    ('vcd', 'Viable cell density', '10*6/mL', 'target', false, false, false),
    ('tvc', 'Total viable cells', '10*6', 'higher', false, false, false),
    ('fold_expansion', 'Fold expansion', '1', 'higher', false, false, false),
    ('pdl', 'Population doublings', '1', 'target', false, false, false),
    ('car_pos', 'CAR+ of viable CD3+ cells', '%', 'higher', true, true, false),
    ('cd3_pos', 'CD3+ of viable CD45+ cells', '%', 'higher', true, true, false),
    ('cd4_cd8_ratio', 'CD4 to CD8 ratio', '1', 'target', false, false, false),
    ('dose', 'Viable CAR-positive cells of a dose', '10*6', 'target', true, true, false),
    ('vcn', 'Vector copies per transduced cell', '{copies}/{cells}', 'lower', true, true, false),
    ('residual_beads', 'Residual beads per 3 million cells', '{beads}', 'lower', true, true, false),
    ('residual_cd19', 'Residual CD19-positive of viable cells', '%', 'lower', true, true, false),
    ('endotoxin', 'Endotoxin', '{EU}/mL', 'lower', true, true, false),
    ('mycoplasma', 'Mycoplasma', null, 'text', true, true, false),
    ('sterility', 'Sterility', null, 'text', true, true, false),
    ('gram', 'Gram stain', null, 'text', true, true, false),
    ('rcl_rcr', 'Replication-competent virus (RCL, RCR)', null, 'text', true, true, false),
    ('potency_ifng', 'Potency: interferon gamma', 'pg/mL', 'higher', true, true, false),
    ('killing', 'Potency: target cells killed', '%', 'higher', true, true, false),
    ('lv_titer', 'Lentiviral vector titer', '{TU}/mL', 'higher', true, true, true),
    ('vg_titer', 'Vector genome titer', '{vg}/mL', 'higher', true, true, true),
    ('capsid_titer', 'Capsid titer', '{copies}/mL', 'target', true, false, true),
    ('full_ratio', 'Full capsids', '%', 'higher', true, true, false),
    ('osmolality', 'Osmolality', 'mosm/kg', 'target', false, true, false),
    ('ph', 'pH', '[pH]', 'target', false, true, false),
    ('appearance', 'Appearance', null, 'text', true, true, false),
    ('particulates', 'Particulates', null, 'text', true, true, false)

)

select * from attributes
