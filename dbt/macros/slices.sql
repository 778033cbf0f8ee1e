{#-
    How a build knows what changed, and what it must do again.

    CYTOLAKE_BUILDS names the builds: one number, or several with commas. `raw.load` lists the runs
    of each. A build touches logical files (bucket and key): every version of them ever loaded, for
    when a newer one becomes current, the rows of the older one must go.

    Each curated and mart model names its slice key in `meta.slice_key`, and a macro
    `slices_of_<model>` maps what was touched to the slices to build again. The ids stand in the
    query as literals: DuckLake then opens only the data files whose ranges can hold them. They are
    also kept in `memory.main.build_slice`, where the transformer reads what it must announce.
-#}

{% macro is_slice_build() -%}
    {{ return(env_var('CYTOLAKE_BUILDS', '') != '' and not should_full_refresh()) }}
{%- endmacro %}


{#- The model's slice ids: computed once, when the model is compiled. -#}
{% macro slice_ids() -%}
    {%- if not execute or not is_slice_build() -%}
        {{ return([]) }}
    {%- endif -%}
    {%- do find_touched() -%}
    {%- set ids = ids_of(context['slices_of_' ~ model.name]()) -%}
    {%- do remember_slices(model.name, ids) -%}
    {{ return(ids) }}
{%- endmacro %}


{#- Keep rows of the slices only; a full build keeps every row. -#}
{% macro in_ids(column, ids) -%}
    {%- if not is_slice_build() -%}
        true
    {%- elif ids -%}
        {{ column }} in ({{ literals(ids) }})
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}


{#- The pre-hook of every incremental model. -#}
{% macro delete_slices() -%}
    {%- if execute and is_slice_build() -%}
        {%- set ids = ids_of(
            "select id from memory.main.build_slice where model = '" ~ model.name ~ "'"
        ) -%}
        {%- if ids -%}
            delete from {{ this }} where {{ in_ids(model.config.meta.slice_key, ids) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro remember_slices(name, ids) -%}
    {%- do run_query("delete from memory.main.build_slice where model = '" ~ name ~ "'") -%}
    {%- if ids -%}
        {%- do run_query(
            "insert into memory.main.build_slice select '" ~ name ~ "', '"
            ~ model.config.meta.slice_key ~ "', unnest([" ~ literals(ids) ~ "])"
        ) -%}
    {%- endif -%}
{%- endmacro %}


{#- What the builds touched, in memory, found once a run: the transformer drops it before each. -#}
{% macro find_touched() -%}
    {%- set loads = source('raw', 'load') -%}
    {%- do run_query(
        "create table if not exists memory.main.touched_file as select distinct file_key, dataset"
        ~ " from " ~ loads ~ " where build_no in (" ~ env_var('CYTOLAKE_BUILDS') ~ ")"
    ) -%}
    {%- do run_query(
        "create table if not exists memory.main.touched_object as select distinct object_id, dataset"
        ~ " from " ~ loads ~ " where " ~ in_ids('file_key', touched_files())
    ) -%}
    {%- do run_query(
        "create table if not exists memory.main.touched_sample as select distinct sample_id"
        ~ " from " ~ source('raw', 'sample') ~ " where " ~ in_ids('object_id', touched_objects('sample'))
    ) -%}
{%- endmacro %}


{% macro touched_files() -%}
    {{ return(ids_of("select distinct file_key from memory.main.touched_file")) }}
{%- endmacro %}


{% macro touched_objects(dataset) -%}
    {{ return(ids_of(
        "select object_id from memory.main.touched_object where dataset = '" ~ dataset ~ "'"
    )) }}
{%- endmacro %}


{% macro touched_samples() -%}
    {{ return(ids_of("select sample_id from memory.main.touched_sample")) }}
{%- endmacro %}


{#- The first column of a query, as a list of text without nulls; nothing but in a slice build. -#}
{% macro ids_of(query) -%}
    {%- if not execute or not is_slice_build() -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for row in run_query(query).rows -%}
        {%- if row[0] is not none -%}
            {%- do found.append(row[0] | string) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{% macro literals(ids) -%}
    {%- for id in ids -%}
        '{{ id | replace("'", "''") }}'{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
