{#-
    Records of a LIMS: every version of each stays in raw, in files that land in any order. Which one
    holds now is decided here alone, for every model alike.
-#}

{#- The newest record first; what a LIMS does not number is older than what it does. -#}
{% macro newest_first() -%}
    record_version desc nulls last,
                modified_at desc nulls last,
                landed_at desc,
                object_id desc,
                row_no desc
{%- endmacro %}


{#- The same, from the oldest on. -#}
{% macro oldest_first() -%}
    record_version asc nulls first,
                modified_at asc nulls first,
                landed_at asc,
                object_id asc,
                row_no asc
{%- endmacro %}


{#- What these objects name in a column, in any of their runs. -#}
{% macro named_in(dataset, column, objects) -%}
    {%- if not objects -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(ids_of(
        "select distinct " ~ column ~ " from " ~ source('raw', dataset)
        ~ " where " ~ in_ids('object_id', objects)
    )) }}
{%- endmacro %}


{#- What rows hold in a column where another holds one of these ids, in any of their runs. -#}
{% macro found_by(dataset, column, key, ids) -%}
    {%- if not ids -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(ids_of(
        "select distinct " ~ column ~ " from " ~ source('raw', dataset)
        ~ " where " ~ in_ids(key, ids)
    )) }}
{%- endmacro %}


{#- The files of these objects: which run is current is asked of them alone. -#}
{% macro files_of(objects) -%}
    {%- if not objects -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(ids_of(
        "select distinct file_key from " ~ source('raw', 'load')
        ~ " where " ~ in_ids('object_id', objects)
    )) }}
{%- endmacro %}


{#- The files, current or not, that hold a record of one of these keys. -#}
{% macro files_naming(dataset, key, ids) -%}
    {%- if not ids -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(ids_of(
        "select distinct file_key from " ~ source('raw', 'load')
        ~ " where object_id in (select object_id from " ~ source('raw', dataset)
        ~ " where " ~ in_ids(key, ids) ~ ")"
    )) }}
{%- endmacro %}
