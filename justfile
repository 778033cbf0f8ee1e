# `uv run just` runs the checks; `uv run just --list` names the recipes.

# everything that needs no server, side by side: lint, types, imports, SQL, unit and contract tests
[parallel]
check: lint types imports sql unit

# format the code and mend what can be mended by itself
format:
    uv run ruff check --fix . ; uv run ruff format .

# style and format, nothing changed
lint:
    uv run ruff check . && uv run ruff format --check .

# mypy, strict
types:
    uv run mypy

# imports run one way, services do not know each other, cores are pure
imports:
    uv run lint-imports

# style of the dbt project's SQL
sql:
    cd dbt && uv run sqlfluff lint models data-tests

# unit, contract and architecture tests: no sockets
unit:
    uv run pytest -m "not integration and not e2e"

# all tests, on real servers too, shared among four workers
test:
    uv run pytest

# file in to mart row, on the whole stack
e2e:
    uv run pytest -m e2e

# the reference pages, written again from contracts, settings and CLI
docs:
    uv run python docs/generate.py

# a synthetic CAR-T batch through the whole stack
demo:
    uv run cytolake demo

# latency, backlog and where the time goes
bench:
    uv run cytolake bench
