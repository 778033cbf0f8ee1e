"""Any document in the form of the ASM: no exception, and no number of it lost."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cytolake_ingest_gateway.converter.context import NAMES_OF_FIELDS
from cytolake_ingest_gateway.converter.flatten import Flattened, Origin, flatten
from cytolake_ingest_gateway.converter.places import escaped
from cytolake_ingest_gateway.converter.tables import parquet_of, parquet_of_table
from cytolake_ingest_gateway.converter.times import Moment
from cytolake_ingest_gateway.converter.values import clean
from cytolake_ingest_gateway.converter.walk import BOOKKEEPING, KINDS, NAMED_BY

ORIGIN = Origin(
    object_id="o",
    run_id="r",
    run_no=1,
    vendor="V",
    parser_version="p 1",
    otherwise_at=Moment(datetime(2026, 1, 2, tzinfo=UTC), "file"),
)
WORDS = sorted(
    {*KINDS, *NAMED_BY, *NAMED_BY.values(), *NAMES_OF_FIELDS, *BOOKKEEPING}
    | {"value", "unit", "label", "data", "dimensions", "measures", "points", "cube-structure"}
    | {"measurement aggregate document", "written name", "population identifier", "concept"}
    | {"parent population identifier", "data source aggregate document", "$asm.manifest"}
    | {"data source document", "data source identifier", "calculated data identifier"}
    | {"error aggregate document", "error document", "error", "error feature", "start", "incr"}
)
KEYS = st.sampled_from(WORDS) | st.text(max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**400, max_value=10**400 + 9)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["N/A", "<2.5", "%", "mAU", "#", "1970-01-01T00:00:00+00:00", "linear"])
)
NUMBERS = st.lists(SCALARS, max_size=4)
CUBES = st.fixed_dictionaries(
    {
        "cube-structure": st.fixed_dictionaries(
            {
                side: st.lists(st.dictionaries(KEYS, SCALARS, max_size=3), max_size=3)
                for side in ("dimensions", "measures")
            }
        ),
        "data": st.dictionaries(
            st.sampled_from(["dimensions", "measures", "points"]),
            st.lists(NUMBERS | st.dictionaries(KEYS, SCALARS, max_size=3), max_size=4),
        ),
    }
)
VALUES = st.fixed_dictionaries({"value": SCALARS, "unit": SCALARS})
NODES = st.recursive(
    SCALARS | VALUES | CUBES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
DOCUMENTS = st.dictionaries(KEYS, NODES, max_size=5)


def numbers(node: Any, pointer: str = "") -> Iterator[tuple[str, float]]:
    """Yield every finite number but -0.0, which stands for a missing one, and its path."""
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from numbers(inner, f"{pointer}/{escaped(key)}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from numbers(inner, f"{pointer}/{index}")
    elif isinstance(node, int | float) and not isinstance(node, bool) and _is_number(node):
        yield pointer, node


def _is_number(node: float) -> bool:
    return isinstance(node, int) or (
        math.isfinite(node) and not (node == 0 and math.copysign(1, node) < 0)
    )


def _float(value: float) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None


def accounted(found: Flattened) -> set[str]:
    points = found.points.column("source_path").to_pylist() if found.points is not None else []
    # A document that is itself a value has the empty path.
    values = {row["source_path"] or "/value" for row in found.rows}
    return values | set(points) | set(found.unread)


def is_told(pointer: str, told: set[str]) -> bool:
    """Whether the number, or something that it lies in, is a row, a point or listed."""
    parts = pointer.split("/")
    names_a_column = parts[-1] in NAMES_OF_FIELDS
    above = ("/".join(parts[:end]) for end in range(2, len(parts) + 1))
    return names_a_column or any(clean(one) in told for one in above)


@settings(deadline=None, max_examples=100)
@given(DOCUMENTS)
@example({"value": 0})
def test_no_document_stops_it_and_no_number_is_lost(document: dict[str, Any]) -> None:
    found = flatten(document, ORIGIN, ZoneInfo("UTC"))
    told = accounted(found)
    lost = [pointer for pointer, _ in numbers(document) if not is_told(pointer, told)]
    assert lost == []
    assert flatten(document, ORIGIN, ZoneInfo("UTC")) == found, "the same document, the same rows"


@settings(deadline=None, max_examples=30)
@given(DOCUMENTS)
def test_whatever_comes_out_can_be_written(document: dict[str, Any]) -> None:
    found = flatten(document, ORIGIN, ZoneInfo("UTC"))
    assert parquet_of("measurement", found.rows).rows == len(found.rows)
    if found.points is not None:
        assert parquet_of_table("point", found.points).rows == found.points.num_rows
    keys = [row["measurement_key"] for row in found.rows]
    assert len(keys) == len(set(keys))


@settings(deadline=None, max_examples=100)
@given(CUBES)
def test_the_numbers_of_a_curve_are_its_points_or_listed(cube: dict[str, Any]) -> None:
    found = flatten({"spectrum data cube": cube}, ORIGIN, ZoneInfo("UTC"))
    rows = found.points.to_pylist() if found.points is not None else []
    held = {row[axis] for row in rows for axis in ("x_value", "x2_value", "y_value")} - {None}
    for pointer, value in numbers({"spectrum data cube": cube}):
        parts = pointer.split("/")
        listed = any("/".join(parts[:end]) in found.unread for end in range(2, len(parts) + 1))
        of_function = parts[-1] in {"start", "incr", "length"}  # told by the numbers made of it
        assert listed or of_function or _float(value) in held, pointer
