from __future__ import annotations

from dataclasses import replace

import pytest

from cytolake_contracts.changes import Weight, changes, faults
from cytolake_contracts.datasets import DatasetContract, contract_texts, load_contracts
from cytolake_contracts.odcs import read_contract

OLD = load_contracts()["mart_cell_growth"]
BUMPED = {"minor": "1.99.0", "patch": "1.1.99"}


def with_column(name: str, **values: object) -> DatasetContract:
    columns = tuple(replace(c, **values) if c.name == name else c for c in OLD.columns)  # type: ignore[arg-type]
    return replace(OLD, columns=columns)


def with_rule(**values: object) -> DatasetContract:
    first, *rest = OLD.rules
    return replace(OLD, rules=(replace(first, **values), *rest))  # type: ignore[arg-type]


NEW_COLUMN = replace(OLD, columns=(*OLD.columns, replace(OLD.columns[-1], name="more")))
BREAKING = {
    "column vcd is gone": replace(OLD, columns=tuple(c for c in OLD.columns if c.name != "vcd")),
    "n_counts was bigint, is text": with_column("n_counts", physical_type="text"),
    "the unit of vcd was": with_column("vcd", unit="10*3/mL"),
    "has_warnings may now be missing": with_column("has_warnings", required=False),
    "its primary key was": replace(OLD, primary_key=("batch_id",)),
    "its sliceKey was": replace(OLD, slice_key="sample_id"),
}
ADDITIVE = {
    "column more is new": NEW_COLUMN,
    "is gone": replace(OLD, rules=OLD.rules[1:]),
    "changed": with_rule(severity="warn"),
    "its freshness changed": replace(OLD, freshness=None),
}


def test_nothing_changed() -> None:
    assert changes(OLD, OLD) == []
    assert faults({OLD.name: OLD}, {OLD.name: OLD}) == []


@pytest.mark.parametrize("words", BREAKING)
def test_what_breaks_readers_belongs_beside_whatever_the_version(words: str) -> None:
    for version in ("1.2.0", "2.0.0"):
        (fault,) = faults({OLD.name: OLD}, {OLD.name: replace(BREAKING[words], version=version)})
        assert words in fault
        assert "write mart_cell_growth_v2 beside" in fault


@pytest.mark.parametrize("words", ADDITIVE)
def test_what_adds_asks_for_a_minor_version(words: str) -> None:
    new = ADDITIVE[words]
    (fault,) = faults({OLD.name: OLD}, {OLD.name: replace(new, version=BUMPED["patch"])})
    assert words in fault
    assert "Raise its version from" in fault
    assert faults({OLD.name: OLD}, {OLD.name: replace(new, version=BUMPED["minor"])}) == []


def test_an_integer_may_become_a_wider_one() -> None:
    narrow = with_column("n_counts", physical_type="integer")
    assert [change.weight for change in changes(narrow, OLD)] == [Weight.ADDITIVE]


def test_words_ask_for_a_patch() -> None:
    new = with_column("vcd", description="Density.")
    (fault,) = faults({OLD.name: OLD}, {OLD.name: new})
    assert "what is said of vcd changed" in fault
    assert faults({OLD.name: OLD}, {OLD.name: replace(new, version=BUMPED["patch"])}) == []


def test_a_contract_goes_only_after_a_release_that_said_so() -> None:
    (fault,) = faults({OLD.name: OLD}, {})
    assert "status: deprecated" in fault
    assert faults({OLD.name: replace(OLD, status="deprecated")}, {}) == []
    assert faults({}, {OLD.name: OLD}) == []


def test_two_major_versions_are_two_datasets_of_one_family() -> None:
    text = contract_texts()["raw/sample.odcs.yaml"]
    second = read_contract(
        text.replace("version: 1.1.0", "version: 2.0.0")
        .replace("  - name: sample\n    physicalName", "  - name: sample_v2\n    physicalName")
        .replace("element: sample.", "element: sample_v2.")
    )
    first = read_contract(text)
    assert (second.name, second.family, second.reference) == (
        "sample_v2",
        "sample",
        "sample_v2 2.0.0",
    )
    assert first.family == second.family
    assert faults({"sample": first}, {"sample": first, "sample_v2": second}) == []
