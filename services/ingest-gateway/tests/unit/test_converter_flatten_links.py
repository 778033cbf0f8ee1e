"""What belongs to what: calculated values and their sources, populations and their parents."""

from __future__ import annotations

from typing import Any

from cytolake_ingest_gateway.converter.testing_asm import count, flat, measured, row_of


def calculated(name: str, value: float, *sources: str, identity: str = "c1") -> dict[str, Any]:
    return {
        "calculated data name": name,
        "calculated data identifier": identity,
        "calculated result": {"value": value, "unit": "(unitless)"},
        "data source aggregate document": {
            "data source document": [{"data source identifier": source} for source in sources]
        },
    }


def with_calculated(*documents: dict[str, Any]) -> dict[str, Any]:
    first = count("S1", **{"measurement identifier": "m1"})
    second = count("S1", **{"measurement identifier": "m2"})
    second["sample document"]["well location identifier"] = "A2"
    return measured(
        first,
        second,
        **{"calculated data aggregate document": {"calculated data document": list(documents)}},
    )


def test_a_calculated_value_belongs_to_its_sources() -> None:
    row = row_of(flat(with_calculated(calculated("Mean", 1.0, "m1"))), "mean")
    assert (row["kind"], row["sample_id"], row["well"]) == ("calculated", "S1", "A1")


def test_of_several_sources_only_what_they_share() -> None:
    row = row_of(flat(with_calculated(calculated("Mean", 1.0, "m1", "m2"))), "mean")
    assert (row["sample_id"], row["well"]) == ("S1", None)


def test_calculated_from_calculated_is_followed() -> None:
    found = flat(
        with_calculated(
            calculated("SD", 0.1, "c1", identity="c2"), calculated("Mean", 1.0, "m2", identity="c1")
        )
    )
    assert row_of(found, "sd")["well"] == "A2"


def test_a_circle_of_calculated_values_ends() -> None:
    found = flat(
        with_calculated(
            calculated("X", 0.1, "c2", identity="c1"), calculated("Y", 1.0, "c1", identity="c2")
        )
    )
    assert row_of(found, "x")["sample_id"] is None


def population(name: str, count_: int, *inside: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {"written name": name, "count": {"value": count_, "unit": "#"}}
    if inside:
        document["population aggregate document"] = [{"population document": list(inside)}]
    return document


def test_populations_have_their_path() -> None:
    tree = population("run 1.fcs", 9, population("Lymphocytes", 8, population("CD3+", 7)))
    inside = {
        "processed data document": [
            {"population aggregate document": [{"population document": [tree]}]}
        ]
    }
    rows = flat(measured(count(**{"processed data aggregate document": inside}))).rows
    found = {
        row["population_path"]: row["value_num"] for row in rows if row["kind"] == "population"
    }
    assert found == {None: 9.0, "Lymphocytes": 8.0, "Lymphocytes/CD3+": 7.0}


def test_populations_side_by_side_are_joined_by_parent() -> None:
    flat_list = [
        population("CD3+", 7)
        | {"population identifier": "p2", "parent population identifier": "p1"},
        population("Lymphocytes", 8) | {"population identifier": "p1"},
    ]
    inside = {"population aggregate document": {"population document": flat_list}}
    rows = flat(measured(count(**inside))).rows
    assert {"Lymphocytes", "Lymphocytes/CD3+"} <= {row["population_path"] for row in rows}


def test_nested_beyond_the_interpreters_stack() -> None:
    tree = population("leaf", 1)
    for depth in range(1_200):
        tree = population(f"g{depth}", 1, tree)
    inside = {"population aggregate document": {"population document": [tree]}}
    assert len(flat(measured(count(**inside))).rows) == 1_202
