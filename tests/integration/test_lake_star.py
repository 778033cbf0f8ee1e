"""The star in a small lake: what comes late or changes heals what was there before it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.lake import Row, SmallLake
from tests.support.star import STAR, Lims, Plant, at

pytestmark = pytest.mark.integration
STEPS = 6
PRODUCT: Row = {"product_code": "P1", "name": "Syn-cel (synthetic)", "modality": "car_t"}
BATCH: Row = {"batch_id": "B1", "product_code": "P1", "site": "north", "status": "in_process"}
SAMPLE: Row = {"sample_id": "S1", "batch_id": "B1", "step": "release", "collected_at": at(0)}
RESULT: Row = {
    "sample_id": "S1",
    "attribute": "viability",
    "value_num": 75.0,
    "unit_ucum": "%",
    "result_id": "R1",
    "record_version": 1,
    "state": "verified",
    "device_id": "D1",
    "tested_at": at(1),
}
LIMIT: Row = {
    "product_code": "P1",
    "attribute": "viability",
    "stage": "release",
    "spec_version": 1,
    "lower": 70.0,
    "unit": "%",
    "is_release": True,
    "record_version": 1,
}
VERDICT = (
    "SELECT value_num, batch_id, product_code, pass_flag, is_current, is_device_calibrated"
    " FROM lake.marts.mart_result ORDER BY version_no"
)


@pytest.fixture
def lims(lake: SmallLake) -> Lims:
    return Lims(lake.raw)


def contents(lake: SmallLake, tables: Mapping[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: lake.rows(f"SELECT * FROM lake.{table} ORDER BY {key}")
        for table, key in tables.items()
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
def test_slices_equal_a_build_from_scratch(lake: SmallLake, lims: Lims, seed: int) -> None:
    """Records of every kind in any order, corrected, moved, pulled again, told again."""
    plant = Plant(lims, random.Random(seed))
    for step in range(1, STEPS + 1):
        assert lake.building.answer(plant.next_loads()).failed == {}
        if step % 3 == 0:
            by_slices = contents(lake, STAR)
            lake.models.rebuild()
            from_scratch = contents(lake, STAR)
            for table in STAR:
                assert by_slices[table] == from_scratch[table], table
    assert all(contents(lake, STAR).values()), "every table has rows, or nothing was compared"


def test_a_result_is_judged_when_the_last_of_its_parents_has_come(
    lake: SmallLake, lims: Lims
) -> None:
    result = lims.tell("result", RESULT)
    lake.building.answer([result])
    assert lake.rows(VERDICT) == [(75.0, None, None, None, True, None)]
    lake.building.answer([lims.tell("sample", SAMPLE)])
    assert lake.rows(VERDICT) == [(75.0, "B1", None, None, True, None)]
    lake.building.answer([lims.tell("specification", LIMIT)])
    outcome = lake.building.answer([lims.tell("batch", BATCH)])
    assert lake.rows(VERDICT) == [(75.0, "B1", "P1", True, True, None)]
    assert outcome.marts["mart_result"].ids == {result.object_id}
    assert outcome.marts["mart_batch"].ids == {"B1"}


def test_a_corrected_specification_and_a_calibration_heal_the_verdict(
    lake: SmallLake, lims: Lims
) -> None:
    told: list[tuple[str, Row]] = [
        ("result", RESULT),
        ("sample", SAMPLE),
        ("batch", BATCH),
        ("specification", LIMIT),
    ]
    lake.building.answer([lims.tell(dataset, record) for dataset, record in told])
    stricter = lims.tell("specification", LIMIT | {"lower": 80.0, "record_version": 2})
    outcome = lake.building.answer([stricter])
    assert lake.rows(VERDICT) == [(75.0, "B1", "P1", False, True, None)]
    assert outcome.marts["mart_specification"].ids == {"P1"}
    calibration = {"device_id": "D1", "calibrated_at": at(0), "due_at": at(9), "outcome": "passed"}
    lake.building.answer([lims.tell("calibration", calibration)])
    assert lake.rows(VERDICT) == [(75.0, "B1", "P1", False, True, True)]
    failed = calibration | {"outcome": "failed", "record_version": 2}
    lake.building.answer([lims.tell("calibration", failed)])
    assert lake.rows(VERDICT) == [(75.0, "B1", "P1", False, True, False)]


def test_corrections_out_of_order_leave_the_newest_version(lake: SmallLake, lims: Lims) -> None:
    third = RESULT | {"record_version": 3, "value_num": 90.0, "supersedes": 2}
    second = RESULT | {"record_version": 2, "value_num": 60.0, "supersedes": 1}
    for record in (third, RESULT, second):
        lake.building.answer([lims.tell("result", record)])
    assert [(row[0], row[4]) for row in lake.rows(VERDICT)] == [
        (75.0, False),
        (60.0, False),
        (90.0, True),
    ]


def test_a_batch_keeps_its_history(lake: SmallLake, lims: Lims) -> None:
    """The chain of identity is hashed: its own name stands in raw alone."""
    released = BATCH | {"status": "released", "record_version": 2, "coi_id": "COI-7"}
    lake.building.answer([lims.tell("batch", released | {"modified_at": at(9)})])
    begun = BATCH | {"record_version": 1, "coi_id": "COI-7", "modified_at": at(1)}
    lake.building.answer([lims.tell("batch", begun), lims.tell("product", PRODUCT)])
    versions = (
        "SELECT version_no, status, valid_to IS NULL, is_current, coi_hash"
        " FROM lake.curated.dim_batch ORDER BY version_no"
    )
    rows = lake.rows(versions)
    assert [row[:4] for row in rows] == [
        (1, "in_process", False, False),
        (2, "released", True, True),
    ]
    assert {row[4] for row in rows} == {hashlib.sha256(b"\nCOI-7").hexdigest()}  # no salt here
    named = lake.rows("SELECT status, product_name, coi_hash FROM lake.marts.mart_batch")
    assert named == [("released", PRODUCT["name"], rows[1][4])]


def test_a_dataset_that_no_table_rests_on_builds_nothing(lake: SmallLake, lims: Lims) -> None:
    outcome = lake.building.answer([lims.tell("test_request", {"request_id": "T1"})])
    assert outcome.marts == {}
    assert len(outcome.built) == 1


def test_an_instruments_file_touches_nothing_of_the_star(lake: SmallLake) -> None:
    """The path that a scientist waits for is as short as it was."""
    touched = set(lake.models._graph.touched_by(["measurement"]))
    assert touched == {"fct_measurement", "mart_measurement", "mart_cell_growth"}
