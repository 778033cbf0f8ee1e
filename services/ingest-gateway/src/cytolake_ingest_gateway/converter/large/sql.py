"""The statements of a plan: reading the CSV, the contract's columns, writing the Parquet. Pure."""

# ruff: noqa: S608 - columns are places and contract names, every value goes through `text`

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cytolake_ingest_gateway.converter.large.literals import UCUM, text
from cytolake_ingest_gateway.converter.large.plan import Plan
from cytolake_ingest_gateway.converter.units import unit_of

TYPES = {"integer": "INTEGER", "bigint": "BIGINT", "boolean": "BOOLEAN"}
MAX_REJECTS = 20
MAX_LINE_BYTES = 1_000_000
BUFFER_BYTES = 8_388_608
ROW_GROUP = 122_880
DICTIONARY = 4_096
"""A column of more values than this in a row group has no dictionary: times and row numbers are
written as differences, in less time and space than DuckDB's default of a fifth of the rows takes to
look each of them up."""
READINGS = "readings"


def copy_statement(plan: Plan, source: str, target: str, ids: Mapping[str, Any]) -> str:
    """Return the COPY of the file at `source` into the Parquet file at `target`."""
    contract = plan.contract
    options = (
        "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION v2, "
        f"ROW_GROUP_SIZE {ROW_GROUP}, DICTIONARY_SIZE_LIMIT {DICTIONARY}, "
        f"KV_METADATA {{'cytolake.contract': {text(contract.reference)}}}"
    )
    return f"COPY ({select(plan, source, ids)}) TO {text(target)} ({options})"


def select(plan: Plan, source: str, ids: Mapping[str, Any]) -> str:
    """Return the query of the contract's columns, in the file's order."""
    made = dict(_made(plan)) | {name: _constant(value) for name, value in ids.items()}
    made["row_no"] = "row_number() OVER ()"
    columns = ", ".join(
        f'{_typed(made.get(column.name, "NULL"), column.physical_type)} AS "{column.name}"'
        for column in plan.contract.columns
    )
    return f"SELECT {columns} FROM ({_readings(plan, source)}) AS {READINGS}"


def _readings(plan: Plan, source: str) -> str:
    """Return the rows that hold a reading each: `value`, and in a wide table its `place`."""
    file = _reader(plan, source)
    if not plan.tags:
        value = f"c{plan.places['value']}"
        return f"SELECT *, {_number(plan, value)} AS number, {value} AS cell FROM {file}"
    cells = ", ".join(f"c{tag.index}" for tag in plan.tags)
    unfolded = (
        f"SELECT *, unnest([{cells}]) AS cell, unnest(range(1, {len(plan.tags) + 1})) AS place "
        f"FROM {file}"
    )
    return f"SELECT *, {_number(plan, 'cell')} AS number FROM ({unfolded}) WHERE cell IS NOT NULL"


def _reader(plan: Plan, source: str) -> str:
    types = [f"'c{index}': '{_type(plan, index)}'" for index in range(plan.width)]
    formats = {column.format for column in plan.times.values() if column.format}
    options = {
        "header": "false",
        "auto_detect": "false",
        "skip": str(plan.skip_lines),
        "delim": text(plan.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "columns": "{" + ", ".join(types) + "}",
        "nullstr": "[" + ", ".join(map(text, plan.nulls)) + "]",
        "max_line_size": str(MAX_LINE_BYTES),
        "buffer_size": str(BUFFER_BYTES),
        "store_rejects": "true",
        "rejects_limit": str(MAX_REJECTS),
    }
    if plan.decimal != ".":
        options["decimal_separator"] = text(plan.decimal)
    if plan.layout.header.comment:
        options["comment"] = text(plan.layout.header.comment)
    if formats:
        options["timestampformat"] = text(formats.pop())
    return f"read_csv({text(source)}, {', '.join(f'{k} = {v}' for k, v in options.items())})"


def _type(plan: Plan, index: int) -> str:
    for name, column in plan.times.items():
        if plan.places[name] == index:
            return column.type
    numbers = {c.name for c in plan.layout.columns if c.kind in {"number", "integer"}}
    if index in {place for name, place in plan.places.items() if name in numbers}:
        return "DOUBLE"
    is_reading = index == plan.places.get("value") or index in {tag.index for tag in plan.tags}
    return "DOUBLE" if is_reading and plan.is_plain else "VARCHAR"


def _trimmed(plan: Plan, cell: str) -> str:
    return cell if plan.is_plain else f"trim({cell})"


def _number(plan: Plan, cell: str) -> str:
    """Return a cell as a number, null where it is none; a written -0 is zero."""
    if plan.is_plain:
        return f"{cell} + 0.0"
    plain = cell
    if plan.layout.file.thousands:
        plain = f"replace({plain}, {text(plan.layout.file.thousands)}, '')"
    if plan.decimal != ".":
        plain = f"replace({plain}, {text(plan.decimal)}, '.')"
    # DuckDB reads 1_000 as a number, which instruments write in names only.
    return f"CASE WHEN NOT contains({cell}, '_') THEN TRY_CAST({plain} AS DOUBLE) + 0.0 END"


def _made(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the SQL of every column that the layout fills, by the dataset's name for it."""
    for name, value in plan.same.items():
        yield {"quantity": "tag", "unit": "unit_raw"}.get(name, name), _constant(value)
        if name == "unit":
            yield "unit_ucum", _constant(_ucum(str(value)))
    for column in plan.layout.columns:
        if column.name in plan.places and column.name != "value":
            yield from _column(plan, column.name)
    yield from _of_tags(plan)
    yield "value_num", "CASE WHEN isfinite(number) THEN number END"
    if not plan.is_plain:
        yield "value_text", "CASE WHEN number IS NULL OR NOT isfinite(number) THEN trim(cell) END"


def _column(plan: Plan, name: str) -> Iterator[tuple[str, str]]:
    cell = f"c{plan.places[name]}"
    column = next(c for c in plan.layout.columns if c.name == name)
    if name in plan.times:
        yield name, plan.times[name].sql
    elif name == "quantity":
        yield "tag", _trimmed(plan, cell)
    elif name == "unit":
        yield "unit_raw", cell
        pairs = ((unit, _ucum(unit)) for unit in plan.units)
        known = " ".join(
            f"WHEN {text(unit)} THEN {text(code) if code else 'NULL'}" for unit, code in pairs
        )
        other = f"{UCUM}({cell})"
        yield "unit_ucum", f"CASE {cell} {known} ELSE {other} END" if known else other
    elif column.kind in {"number", "integer"}:
        yield name, f"CASE WHEN isfinite({cell}) THEN {cell} + 0.0 END"
    else:
        cases = " ".join(f"WHEN {text(k)} THEN {text(str(v))}" for k, v in column.texts.items())
        read = _trimmed(plan, cell)
        yield name, f"CASE {read} {cases} ELSE {read} END" if cases else read


def _of_tags(plan: Plan) -> Iterator[tuple[str, str]]:
    if not plan.tags:
        column = next(c for c in plan.layout.columns if c.name == "value")
        if column.unit and "unit" not in plan.places:
            yield "unit_raw", _constant(column.unit)
            yield "unit_ucum", _constant(_ucum(column.unit))
        return
    yield "tag", _picked([tag.tag for tag in plan.tags])
    yield "unit_raw", _picked([tag.unit for tag in plan.tags])
    yield "unit_ucum", _picked([_ucum(tag.unit) for tag in plan.tags])
    if any(tag.unit_operation for tag in plan.tags):
        yield "unit_operation", _picked([tag.unit_operation for tag in plan.tags])


def _picked(values: list[str | None]) -> str:
    listed = ", ".join("NULL" if value is None else text(value) for value in values)
    return f"([{listed}]::VARCHAR[])[place]"


def _typed(sql: str, physical_type: str) -> str:
    kinds = {"text": "VARCHAR", "double precision": "DOUBLE", "timestamptz": "TIMESTAMPTZ"}
    # A text that is the same in every row stays an ENUM: a third of the time to write it.
    if physical_type == "text" and "::ENUM" in sql:
        return sql
    return f"CAST({sql} AS {(kinds | TYPES)[physical_type]})"


def _constant(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return f"{text(value)}::ENUM({text(value)})"
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ {text(value.isoformat())}"
    return str(value)


def _ucum(unit: str | None) -> str | None:
    found = unit_of(unit)
    return found.ucum if found else None
