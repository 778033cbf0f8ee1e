{#-
    dbt-duckdb's `incremental` with `append`, in fewer statements: it builds no temporary table and
    looks nothing up. That is a third of a build's time, and a build is what a scientist waits for.

    With builds named (CYTOLAKE_BUILDS), the pre-hook deletes the slices and the model's own query,
    limited to them, is appended, in one transaction. With none named, or `--full-refresh`, the
    table is made anew. A model that says `portions_of` is done some slices at a time.
-#}
{% materialization incremental, adapter='duckdb', supported_languages=['sql'] -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if is_slice_build() -%}
        {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- endif -%}
    {%- for portion in portions() -%}
        {%- call statement('main') -%}
            {% if loop.first and not is_slice_build() -%}
                create or replace table {{ target_relation }} as
            {%- else -%}
                insert into {{ target_relation }} by name
            {%- endif %}
            {{ compiled_code | replace(every_slice(), portion) }}
        {%- endcall -%}
    {%- endfor -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}


{#- Asked before every build: DuckDB's own list, without the detour of information_schema. -#}
{% macro duckdb__list_schemas(database) -%}
    {{ return(run_query(
        "select schema_name from duckdb_schemas() where database_name = '" ~ database | replace('"', '') ~ "'"
    )) }}
{%- endmacro %}
