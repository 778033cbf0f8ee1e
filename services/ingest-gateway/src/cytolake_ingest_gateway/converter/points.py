"""The curves of a document (spectra, amplification curves, chromatograms) as columns of `point`.

Column by column and not row by row: a plate has tens of thousands of points, and what a series says
of itself is said once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from cytolake_contracts.datasets import DatasetContract
from cytolake_ingest_gateway.converter.cubes import Axis, Series
from cytolake_ingest_gateway.converter.units import unit_of
from cytolake_ingest_gateway.converter.values import clean

Scalars = dict[str, Any]


def points_table(
    series: Sequence[Series], of_series: Sequence[Scalars], contract: DatasetContract
) -> pa.Table:
    """Return the series' points; `of_series` is what every point of a series carries."""
    schema = contract.arrow_schema()
    lengths = [len(one.measure.numbers) for one in series]
    heads = [_head(one, given) for one, given in zip(series, of_series, strict=True)]
    which = pa.array([place for place, n in enumerate(lengths) for _ in range(n)], pa.int32())
    columns: dict[str, Any] = {
        "point_no": [number for n in lengths for number in range(n)],
        "y_value": _flat(one.measure.numbers for one in series),
    }
    for place, axis in enumerate(("x", "x2")):
        columns[f"{axis}_value"] = _flat(
            one.dimensions[place].numbers if place < len(one.dimensions) else [None] * n
            for one, n in zip(series, lengths, strict=True)
        )
    columns["point_key"] = [
        f"{head['series_key']}/{number}"
        for head, n in zip(heads, lengths, strict=True)
        for number in range(n)
    ]
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.array([head[field.name] for head in heads], field.type).take(which)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def series_key(object_id: str, source_path: str, series_no: int) -> str:
    """Return the key of a series: the same for every parse of the same object."""
    told = f"{object_id}\n{source_path}\n{series_no}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def _head(series: Series, given: Scalars) -> Scalars:
    cube, (x, x2) = series.cube, (*series.dimensions, _NONE, _NONE)[:2]
    return {
        **given,
        "series_key": series_key(given["object_id"], cube.pointer, series.number),
        "series": cube.name,
        "series_no": series.number,
        "kind": cube.kind,
        **_said_of("x", x),
        **_said_of("x2", x2),
        **_said_of("y", series.measure),
        "y_concept": series.measure.concept or cube.name,
        "ordinal": cube.context.ordinal,
        "measurement_path": clean(cube.measurement) if cube.measurement else None,
        "source_path": clean(cube.pointer),
    }


def _said_of(name: str, axis: Axis) -> Scalars:
    unit = unit_of(axis.unit)
    return {
        f"{name}_concept": axis.concept,
        f"{name}_unit_raw": axis.unit,
        f"{name}_unit_ucum": unit.ucum if unit else None,
    }


def _flat(parts: Iterable[Iterable[float | None]]) -> list[float | None]:
    return [value for part in parts for value in part]


_NONE = Axis(None, None, [])
