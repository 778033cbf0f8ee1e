{#- Figures in PostgreSQL. -#}

{#- The first day of the month of the site: from its midnight on, until the next one's. -#}
{% macro site_month(moment, timezone) -%}
    cast(date_trunc('month', {{ moment }} at time zone coalesce({{ timezone }}, 'UTC')) as date)
{%- endmacro %}


{#- A share of a count; null, not 0, of nothing. -#}
{% macro share_of(part, whole) -%}
    cast({{ part }} as double precision) / nullif({{ whole }}, 0)
{%- endmacro %}


{#- Any of the Nelson rules that are switched on (`vars: nelson_rules`). -#}
{% macro any_nelson_rule() -%}
    ({% for rule in var('nelson_rules') %}coalesce(rule_{{ rule }}, false){{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}


{#-
    A view shows a reader what it may see of the tables below it: their row-level security is asked
    in the reader's name, not in the view's owner's. One that reads the ledger, to which readers have
    no right, says `meta.asks_as: owner`, and chooses rows by `marts.may_read_site`.
-#}
{% macro asks_as_the_reader() -%}
    {%- if model.config.meta.get('asks_as') != 'owner' -%}
        alter view {{ this }} set (security_invoker = true)
    {%- endif -%}
{%- endmacro %}
