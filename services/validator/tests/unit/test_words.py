from __future__ import annotations

import json

import pyarrow as pa

from cytolake_contracts import FileConverted
from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.examples import valid_examples
from cytolake_validator.results import result_document
from cytolake_validator.rules import Broken
from cytolake_validator.shown import MAX_ROWS, shown_rows
from cytolake_validator.words import EXAMPLES, Judged, failures_of, summary

MEASUREMENT = load_contracts()["measurement"]
EVENT = FileConverted.from_bytes(
    valid_examples(FileConverted.type_name())["measurement.json"],
)


def judged(rows: int, broken: Broken) -> list[Judged]:
    table = table_of(rows)
    failures = failures_of(MEASUREMENT, table, broken)
    shown = shown_rows(MEASUREMENT, table, broken)
    return [Judged(EVENT.data.table, MEASUREMENT, failures, shown)]


def table_of(count: int) -> pa.Table:
    rows = good_rows(MEASUREMENT, count)
    for number, row in enumerate(rows):
        row.update(quantity_raw="Viability (%)", well=None, value_num=100.5 + number)
    return pa.Table.from_pylist(rows, schema=MEASUREMENT.arrow_schema())


def test_a_failure_says_what_where_and_how_often() -> None:
    (failure,) = failures_of(MEASUREMENT, table_of(3), {"viability_is_a_percentage": (1,)})
    assert failure.column == "value_num"
    assert failure.severity == "block"
    assert failure.failing_rows == 1
    assert failure.message == (
        "a viability must be between 0 and 100 percent; 1 of 3 rows breaks this"
    )
    assert failure.examples == ("row 2 (sample_id-1, Viability (%)): value_num 101.5",)


def test_a_missing_value_is_said_to_be_missing() -> None:
    table = table_of(2).drop_columns(["sample_id"])
    table = table.append_column("sample_id", pa.nulls(2, pa.string()))
    (failure,) = failures_of(MEASUREMENT, table, {"measured_has_sample": (0, 1)})
    assert failure.severity == "warn"
    assert failure.message.endswith("; 2 of 2 rows break this")
    assert failure.examples[0] == "row 1 (Viability (%)): no sample_id, value_num 100.5"


def test_a_unit_that_is_not_known_is_named() -> None:
    rows = good_rows(MEASUREMENT, 1)
    rows[0].update(quantity_raw="speed", well=None, value_num=3.0, unit_ucum=None)
    rows[0]["unit_raw"] = "furlong/fortnight"
    table = pa.Table.from_pylist(rows, schema=MEASUREMENT.arrow_schema())
    (failure,) = failures_of(MEASUREMENT, table, {"unit_is_known": (0,)})
    assert failure.severity == "block"
    assert failure.examples == (
        "row 1 (sample_id-0, speed): no unit_ucum, value_num 3.0, unit_raw furlong/fortnight",
    )


def test_examples_are_few_and_failures_in_the_contracts_order() -> None:
    rows = tuple(range(20))
    broken = {"setting_unit_is_known": rows, "kind_required": rows, "has_rows": ()}
    failures = failures_of(MEASUREMENT, table_of(20), broken)
    assert [failure.rule for failure in failures] == [
        "has_rows",
        "kind_required",
        "setting_unit_is_known",
    ]
    assert [len(failure.examples) for failure in failures] == [0, EXAMPLES, EXAMPLES]


def test_the_summary_names_what_blocks_and_only_that() -> None:
    broken = {"setting_unit_is_known": (0,), "viability_is_a_percentage": (0,)}
    assert summary(judged(1, broken)) == (
        f"The file breaks its contract ({MEASUREMENT.reference}): a viability must be between 0 "
        "and 100 percent; 1 of 1 rows breaks this (first: row 1 (sample_id-0, Viability (%)): "
        "value_num 100.5)."
    )


def test_the_result_names_every_rule_and_has_no_clock() -> None:
    found = judged(3, {"setting_unit_is_known": (2,)})
    first = result_document(EVENT, found, engine="e 1")
    assert first == result_document(EVENT, found, engine="e 1")
    result = json.loads(first)
    assert result["verdict"] == "validated"
    assert [rule["rule"] for rule in result["rules"]] == [rule.id for rule in MEASUREMENT.rules]
    assert [rule["rule"] for rule in result["rules"] if not rule["passed"]] == [
        "setting_unit_is_known"
    ]


def test_further_tables_of_a_run_are_told_beside_the_main_one() -> None:
    (good,) = judged(3, {})
    (bad,) = judged(1, {"viability_is_a_percentage": (0,)})
    assert summary([good, bad]).count("breaks its contract") == 1
    result = json.loads(result_document(EVENT, [good, bad], engine="e 1"))
    assert result["verdict"] == "quarantined"
    assert all(rule["passed"] for rule in result["rules"])
    assert [rule["rule"] for rule in result["others"][0]["rules"] if not rule["passed"]] == [
        "viability_is_a_percentage"
    ]


def test_the_result_shows_the_failing_rows_and_not_too_many() -> None:
    found = judged(40, {"viability_is_a_percentage": tuple(range(5, 40))})
    result = json.loads(result_document(EVENT, found, engine="e 1"))
    (rule,) = [rule for rule in result["rules"] if not rule["passed"]]
    assert rule["failing_rows"] == 35
    assert len(rule["shown"]["rows"]) == MAX_ROWS
    first = dict(zip(rule["shown"]["columns"], rule["shown"]["rows"][0], strict=True))
    assert (first["row"], first["value_num"], first["sample_id"]) == (6, 105.5, "sample_id-5")
    assert result["file"]["source"] == EVENT.data.file.source.name
