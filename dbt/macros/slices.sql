{#-
    How a build knows what changed, and what it must do again.

    CYTOLAKE_BUILDS names the builds: one number, or several with commas. `raw.load` lists the runs
    of each; what they touch is looked up there, unless whoever builds has noted it in build_set. A
    build touches logical files (bucket and key): every version of them ever loaded, for when a
    newer one becomes current, the rows of the older one must go.

    Each curated and mart model names its slice key in `meta.slice_key`, and a macro
    `slices_of_<model>` maps what was touched to the slices to build again. The ids stand in the
    query as literals: DuckLake then opens only the data files whose ranges can hold them. They are
    also kept in build_set, where the transformer reads what it must announce.
-#}

{#-
    Lists of ids by name: what was touched, and the slices of each model so far. It lies in dbt's
    own `graph`, the one thing that all models of a run have in common; a table would have to be
    asked twice a model.
-#}
{% macro build_set() -%}
    {{ return(graph.setdefault('build_set', {})) }}
{%- endmacro %}


{% macro is_slice_build() -%}
    {{ return(env_var('CYTOLAKE_BUILDS', '') != '' and not should_full_refresh()) }}
{%- endmacro %}


{#- What the builds touched, found once a run: lists of ids by name. -#}
{% macro touched() -%}
    {%- if not execute or not is_slice_build() -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set known = build_set() -%}
    {%- if 'touched_file' not in known -%}
        {%- set touched_now = run_query(
            "with touched as ("
            ~ " select distinct file_key, object_id,"
            ~ " unnest(list_concat([dataset], [other.dataset for other in others])) as dataset"
            ~ " from " ~ source('raw', 'load')
            ~ " where file_key in (select file_key from " ~ source('raw', 'load')
            ~ " where build_no in (" ~ env_var('CYTOLAKE_BUILDS') ~ ")))"
            ~ " select distinct 'touched_file', file_key from touched"
            ~ " union all select distinct 'touched_' || dataset, object_id from touched"
        ) -%}
        {%- do known.update({'touched_file': []}) -%}
        {%- for row in touched_now.rows -%}
            {%- do known.setdefault(row[0], []).append(row[1]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(known) }}
{%- endmacro %}


{#- The slices of this model: called once, when it is compiled. -#}
{% macro slice_ids(touched) -%}
    {%- if not touched -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set ids = context['slices_of_' ~ model.name](touched) -%}
    {%- do build_set().update({model.name: ids}) -%}
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


{#- The pre-hook of every incremental model. Of an object that is new there is nothing to delete. -#}
{% macro delete_slices() -%}
    {%- if execute and is_slice_build() -%}
        {%- set known = build_set() -%}
        {%- set ids = known.get(model.name, []) -%}
        {%- if model.config.meta.slice_key == 'object_id' -%}
            {%- set ids = ids | reject('in', known.get('new_object', [])) | list -%}
        {%- endif -%}
        {%- if ids -%}
            delete from {{ this }} where {{ in_ids(model.config.meta.slice_key, ids) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- The first column of a query, as a list of text without nulls. -#}
{% macro ids_of(query) -%}
    {%- set found = [] -%}
    {%- for row in run_query(query).rows if row[0] is not none -%}
        {%- do found.append(row[0] | string) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{% macro literals(ids) -%}
    {%- for id in ids -%}
        '{{ id | replace("'", "''") }}'{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
