"""Curves of an ASM document: each a series of points, with what its surroundings say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cytolake_ingest_gateway.converter.flatten import Flattened, Origin, flatten
from cytolake_ingest_gateway.converter.times import Moment

ORIGIN = Origin(
    object_id="o",
    run_id="r",
    run_no=1,
    vendor="V",
    parser_version="p 1",
    otherwise_at=Moment(datetime(2026, 1, 2, tzinfo=UTC), "file"),
)
STRUCTURE = {
    "dimensions": [{"concept": "wavelength", "unit": "nm"}],
    "measures": [{"concept": "absorbance", "unit": "mAU"}],
}


def cube(data: dict[str, Any], structure: dict[str, Any] = STRUCTURE) -> dict[str, Any]:
    return {"label": "spectrum", "cube-structure": structure, "data": data}


def flattened(node: dict[str, Any]) -> Flattened:
    document = {
        "measurement aggregate document": {
            "measurement document": [
                {"absorbance": {"value": 1.0, "unit": "mAU"}},
                {"sample document": {"sample identifier": "S-1"}, "spectrum data cube": node},
            ]
        }
    }
    return flatten({"x document": document}, ORIGIN, ZoneInfo("UTC"))


def points(node: dict[str, Any]) -> list[dict[str, Any]]:
    found = flattened(node).points
    return found.to_pylist() if found is not None else []


def test_a_curve_is_one_row_per_point() -> None:
    rows = points(cube({"dimensions": [[220.0, 220.5]], "measures": [[0.5, -1.0]]}))
    assert [(row["x_value"], row["y_value"], row["point_no"]) for row in rows] == [
        (220.0, 0.5, 0),
        (220.5, -1.0, 1),
    ]
    first = rows[0]
    assert (first["x_concept"], first["x_unit_ucum"]) == ("wavelength", "nm")
    assert (first["y_concept"], first["y_unit_ucum"]) == ("absorbance", "{mAU}")
    assert (first["series"], first["series_no"], first["kind"]) == ("spectrum", 0, "measured")
    assert first["point_key"] == f"{first['series_key']}/0"
    assert first["time_source"] == "file"


def test_a_curve_belongs_to_its_measurement() -> None:
    (row,) = points(cube({"dimensions": [[1.0]], "measures": [[2.0]]}))
    where = "/x document/measurement aggregate document/measurement document/1"
    assert row["measurement_path"] == where
    assert row["source_path"] == f"{where}/spectrum data cube"
    assert (row["ordinal"], row["sample_id"]) == (1, "S-1")


def test_what_is_missing_stays_a_point_without_a_value() -> None:
    rows = points(cube({"dimensions": [[1, 2, 3, 4]], "measures": [[-0.0, None, "nan", 7]]}))
    assert [row["y_value"] for row in rows] == [None, None, None, 7.0]


def test_two_dimensions_and_two_measures() -> None:
    structure = {
        "dimensions": [{"concept": "excitation"}, {"concept": "emission", "unit": "nm"}],
        "measures": [{"concept": "a"}, {"concept": "b"}],
    }
    data = {"dimensions": [[1, 2], [3, 4]], "measures": [[5, 6], [7, 8]]}
    rows = points(cube(data, structure))
    told = [(r["series_no"], r["x_value"], r["x2_value"], r["y_value"]) for r in rows]
    assert told == [(0, 1, 3, 5), (0, 2, 4, 6), (1, 1, 3, 7), (1, 2, 4, 8)]
    assert {row["x2_unit_ucum"] for row in rows} == {"nm"}
    assert len({row["point_key"] for row in rows}) == 4


def test_points_told_as_tuples_are_the_same_points() -> None:
    rows = points(cube({"dimensions": [[1, 2]], "points": [[5.0], [6.0]]}))
    assert [(row["x_value"], row["y_value"]) for row in rows] == [(1, 5), (2, 6)]


def test_a_linear_function_is_worked_out() -> None:
    axis = {"type": "linear", "start": 10, "incr": 0.5, "length": 3}
    rows = points(cube({"dimensions": [axis], "measures": [[1, 2, 3]]}))
    assert [row["x_value"] for row in rows] == [10.0, 10.5, 11.0]
    assert flattened(cube({"dimensions": [axis], "measures": [[1, 2, 3]]})).unread == {}


@pytest.mark.parametrize(
    ("data", "place", "numbers"),
    [
        ({"dimensions": [[1, 2, 3]], "measures": [[1, 2]]}, "dimensions/0", 3),
        ({"dimensions": [[1], [1], [9]], "measures": [[1]]}, "dimensions/2", 1),
        (
            {"dimensions": [{"type": "logarithmic", "start": 1}], "measures": [[1]]},
            "dimensions/0",
            1,
        ),
        ({"dimensions": [[1]], "measures": [[[5, 6]]]}, "measures/0/0", 2),
        ({"dimensions": [[1]], "measures": [[10**400]]}, "measures/0/0", 1),
    ],
)
def test_what_cannot_be_placed_for_sure_is_listed(
    data: dict[str, Any], place: str, numbers: int
) -> None:
    found = flattened(cube(data))
    (pointer,) = found.unread
    assert pointer.endswith(f"/data/{place}")
    assert found.unread[pointer] == numbers


def test_a_document_without_curves_has_no_points() -> None:
    assert flattened(cube({"dimensions": [], "measures": []})).points is None
