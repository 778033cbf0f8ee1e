"""An ASM document as rows of the dataset `measurement`, one per value, and points of its curves.

Pure: the same document, origin and zone give the same rows in the same order. The
hazards it answers to (missing numbers as -0.0, missing times as 1970, two micro signs,
placeholders, censored text) are written down in the contract of the dataset.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import pyarrow as pa

from cytolake_ingest_gateway.converter.context import Context
from cytolake_ingest_gateway.converter.cubes import series_of
from cytolake_ingest_gateway.converter.places import Cube, Leaf, escaped, numbers_in
from cytolake_ingest_gateway.converter.points import points_table
from cytolake_ingest_gateway.converter.quantities import CANONICAL_UNITS, quantity_of
from cytolake_ingest_gateway.converter.tables import contract_of
from cytolake_ingest_gateway.converter.times import Moment
from cytolake_ingest_gateway.converter.units import Unit, converted, unit_of
from cytolake_ingest_gateway.converter.values import (
    Value,
    attribute_value,
    clean,
    label,
    number_value,
    possible,
    stated,
)
from cytolake_ingest_gateway.converter.walk import Walk

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What every row of a file carries; `otherwise_at` is for values without a time."""

    object_id: str
    run_id: str
    run_no: int
    vendor: str
    parser_version: str
    otherwise_at: Moment


@dataclass(frozen=True, slots=True)
class Flattened:
    """The rows, and what a reader of them should know."""

    rows: list[Row]
    warnings: tuple[str, ...]
    points: pa.Table | None = None
    unread: Mapping[str, int] = field(default_factory=dict)
    """Paths of what holds numbers that are in no row and in no point, and how many."""


@dataclass(slots=True)
class _Seen:
    missing: int = 0
    untimed: int = 0
    units: Counter[str] = field(default_factory=Counter)
    unread: dict[str, int] = field(default_factory=dict)


def flatten(document: Mapping[str, Any], origin: Origin, zone: tzinfo) -> Flattened:
    """Return every value of the document as a row; naive times are read in `zone`."""
    manifest = label(document.get("$asm.manifest"))
    body = {key: node for key, node in document.items() if not key.startswith("$")}
    walk, seen = Walk(body, zone), _Seen()
    rows = [
        row for leaf in walk.leaves() if (row := _row(leaf, origin, manifest, seen)) is not None
    ]
    unread = {
        f"/{escaped(key)}": numbers_in(node) for key, node in document.items() if key not in body
    }
    unread |= walk.unread | seen.unread
    points = _points(walk.cubes, origin, manifest, unread)
    told = {clean(pointer): found for pointer, found in sorted(unread.items()) if found}
    return Flattened(rows, tuple(_warnings(seen)), points, told)


def _points(
    cubes: Iterable[Cube], origin: Origin, manifest: str | None, unread: dict[str, int]
) -> pa.Table | None:
    series = [one for cube in cubes for one in series_of(cube, unread)]
    if not any(one.measure.numbers for one in series):
        return None
    of_series = [
        _of_file(origin, manifest) | _surroundings(one.cube.context, origin.otherwise_at)
        for one in series
    ]
    return points_table(series, of_series, contract_of("point"))


def measurement_key(object_id: str, source_path: str) -> str:
    """Return the key of a value: the same for every parse of the same object."""
    return hashlib.sha256(f"{object_id}\n{source_path}".encode("utf-8", "replace")).hexdigest()


def _row(leaf: Leaf, origin: Origin, manifest: str | None, seen: _Seen) -> Row | None:
    is_document = isinstance(leaf.node, Mapping)
    value = number_value(leaf.node["value"]) if is_document else attribute_value(leaf.node)
    value = possible(value, leaf.name)
    if value.is_missing and not is_document:
        seen.unread[leaf.pointer] = numbers_in(leaf.node)
        return None  # an attribute that only says N/A says nothing
    if leaf.kind in {"measured", "processed"}:
        value = stated(value, leaf.context.error_of(leaf.name))
    unit_raw = label(leaf.node.get("unit")) if is_document else None
    unit, quantity = unit_of(unit_raw), quantity_of(leaf.name, kind=leaf.kind)
    seen.missing += value.is_missing
    seen.untimed += leaf.context.measured_at is None
    if unit_raw and unit is None:
        seen.units[unit_raw] += 1
    return {
        **_of_file(origin, manifest),
        "measurement_key": measurement_key(origin.object_id, leaf.pointer),
        "kind": leaf.kind,
        **_surroundings(leaf.context, origin.otherwise_at),
        "quantity_raw": clean(leaf.name),
        "quantity": quantity,
        "value_raw": value.raw,
        "value_num": value.num,
        "value_text": value.text,
        "qualifier": value.qualifier,
        "unit_raw": unit_raw,
        "unit_ucum": unit.ucum if unit else None,
        "value_std": _standard(value, unit, quantity),
        "is_custom": leaf.kind == "custom",
        "source_path": clean(leaf.pointer),
    }


def _of_file(origin: Origin, manifest: str | None) -> Row:
    return {
        "object_id": origin.object_id,
        "run_id": origin.run_id,
        "run_no": origin.run_no,
        "vendor": origin.vendor,
        "asm_manifest": manifest,
        "parser_version": origin.parser_version,
    }


def _surroundings(context: Context, otherwise: Moment) -> Row:
    at = context.measured_at
    return {
        "sample_id": context.sample_id,
        "plate_id": context.plate_id,
        "well": context.well,
        "sample_role": context.sample_role,
        "target": context.target,
        "population_path": context.population_path,
        "device_id": context.device_id,
        "device_model": context.device_model,
        "device_serial": context.device_serial,
        "analyst": context.analyst,
        "measured_at": at or otherwise.at,
        "time_source": "device" if at else otherwise.source,
        "ordinal": context.ordinal,
    }


def _standard(value: Value, unit: Unit | None, quantity: str) -> float | None:
    canonical = unit_of(CANONICAL_UNITS.get(quantity))
    if value.num is None or unit is None or canonical is None:
        return None
    number = converted(value.num, unit, canonical)
    return number if number is None or abs(number) < float("inf") else None


def _warnings(seen: _Seen) -> Iterable[str]:
    if seen.missing:
        yield f"{seen.missing} value(s) are missing in the file and are shown as empty."
    if seen.untimed:
        yield f"{seen.untimed} value(s) have no time of their own; the file's time is used."
    for unit, times in sorted(seen.units.items()):
        yield f"The unit {unit!r} of {times} value(s) is not known, so they are not converted."
