{#-
    A table whose groups would not fit into memory is made some slices at a time. DuckDB spills what
    it groups, but not reliably: with a limit of 128 MB it gave up at two million groups.

    Such a model names the model that it reads in `meta.portions_of`, and writes
    `{{ every_slice() }}` among its conditions. Each portion stands there in its turn.
-#}

{% macro every_slice() -%}
    (true /* every slice */)
{%- endmacro %}


{#-
    Conditions, one a portion; no group is in two, for a slice is in one. Slices come in their order,
    so a portion is a range: DuckDB passes over row groups by it, and not by a list.
-#}
{% macro portions() -%}
    {%- set meta = model.config.meta -%}
    {%- set packed = [[]] -%}
    {%- set rows = namespace(count=0) -%}
    {%- for id, n in rows_by_slice(meta) -%}
        {%- if packed[-1] and rows.count + n > 400000 -%}
            {%- do packed.append([]) -%}
            {%- set rows.count = 0 -%}
        {%- endif -%}
        {%- do packed[-1].append(id) -%}
        {%- set rows.count = rows.count + n -%}
    {%- endfor -%}
    {%- if packed | length == 1 -%}
        {{ return(['true']) }}
    {%- endif -%}
    {%- set conditions = [] -%}
    {%- for ids in packed -%}
        {%- set first, last = literals([ids[0]]), literals([ids[-1]]) -%}
        {%- do conditions.append(
            '(' ~ meta.slice_key ~ ' >= ' ~ first ~ ' and ' ~ meta.slice_key ~ ' <= ' ~ last ~ ')'
        ) -%}
    {%- endfor -%}
    {{ return(conditions) }}
{%- endmacro %}


{% macro rows_by_slice(meta) -%}
    {%- if not meta.get('portions_of') -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set ids = build_set().get(model.name, []) if is_slice_build() else [] -%}
    {{ return(run_query(
        "select " ~ meta.slice_key ~ ", count(*) from " ~ ref(meta.portions_of)
        ~ " where " ~ in_ids(meta.slice_key, ids) ~ " group by 1 order by 1"
    ).rows) }}
{%- endmacro %}
