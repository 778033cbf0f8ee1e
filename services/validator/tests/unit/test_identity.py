"""The chain of identity: what contradicts the LIMS, what does not, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest

from cytolake_contracts import Event, FileConverted, FileQuarantined, FileValidated, ReasonCode
from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.examples import valid_examples
from cytolake_runtime.testing import Outbox
from cytolake_validator.handlers import Validation
from cytolake_validator.identity import RULE, Identity, claims_of, contradiction
from cytolake_validator.rules import Broken, Candidate

CONTRACTS = load_contracts()
EVENT = FileConverted.from_bytes(valid_examples(FileConverted.type_name())["measurement.json"])
KNOWN = (
    Identity(sample_id="S-1", batch_id="B-1", plate_id="P-1", well="A4"),
    Identity(sample_id="S-2", batch_id="B-2", plate_id="P-1", well="A7"),
)


def table(*rows: dict[str, object]) -> pa.Table:
    names = ("sample_id", "batch_id", "plate_id", "well")
    return pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows])


def told(*rows: dict[str, object]) -> tuple[str, ...]:
    found = contradiction(claims_of(table(*rows)), KNOWN, dataset="result", rows=len(rows))
    return found.examples if found else ()


def test_another_batch_is_told_with_both_values() -> None:
    assert told(
        {"sample_id": "S-1", "batch_id": "B-1"}, {"sample_id": "S-1", "batch_id": "B-9"}
    ) == ("row 2: sample S-1 is of batch B-9 in the file, of batch B-1 in the LIMS",)


def test_another_sample_in_the_well_is_told_with_both_values() -> None:
    assert told({"sample_id": "S-2", "plate_id": "P-1", "well": "A4"}) == (
        "row 1: well A4 of plate P-1 holds sample S-2 in the file, sample S-1 in the LIMS",
    )


@pytest.mark.parametrize(
    "row",
    [
        {"sample_id": "S-1", "batch_id": " b-1 "},  # another spelling
        {"sample_id": "S-1", "plate_id": "p-1", "well": "a04"},
        {"sample_id": "S-1", "plate_id": "P-1", "well": "B4"},  # one of its dilutions
        {"sample_id": "S-1", "plate_id": "P-2", "well": "A7"},  # on another plate as well
        {"sample_id": "S-9", "batch_id": "B-9"},  # the LIMS does not know it (yet)
        {"sample_id": None, "batch_id": "B-9", "plate_id": "P-1", "well": "A4"},
        {"sample_id": "S-1"},
    ],
)
def test_what_is_no_contradiction(row: dict[str, object]) -> None:
    assert told(row) == ()


def test_a_file_that_says_nothing_twice_asks_nothing() -> None:
    assert claims_of(table({"sample_id": "S-1"}, {"batch_id": "B-1"})) == {}
    same: dict[str, object] = {"sample_id": "S-1", "batch_id": "B-1"}
    assert list(claims_of(table(same, same)).values()) == [(0, 1)]


@dataclass
class Lims:
    """What the LIMS knows, and how often it was asked."""

    known: tuple[Identity, ...] = KNOWN
    asked: int = 0

    async def samples(self, claims: Collection[Identity]) -> list[Identity]:
        assert claims
        self.asked += 1
        return list(self.known)


@dataclass
class Kept:
    documents: dict[str, bytes] = field(default_factory=dict)
    read: int = 0

    async def keep(self, key: str, document: bytes) -> None:
        self.documents[key] = document

    async def kept(self, key: str) -> bytes | None:
        self.read += 1
        return self.documents.get(key)


@dataclass
class Tables:
    changes: dict[str, object]

    async def read(self, key: str, *, sha256: str) -> pa.Table:
        del key, sha256
        contract = CONTRACTS["measurement"]
        rows: list[dict[str, Any]] = good_rows(contract, EVENT.data.table.rows)
        for row in rows:
            row.update(self.changes)
        return pa.Table.from_pylist(rows, schema=contract.arrow_schema())


async def keeps_its_contract(candidate: Candidate) -> Broken:
    del candidate
    return {}


def gate(lims: Lims, **changes: object) -> Validation:
    return Validation(
        raw=Tables(changes),
        evidence=Kept(),
        contracts=CONTRACTS,
        judge=keeps_its_contract,
        publish=Outbox(),
        engine="fake 1",
        lims=lims,
    )


async def said(validation: Validation, event: FileConverted = EVENT) -> Event:
    await validation.on_file_converted(event)
    assert isinstance(validation.publish, Outbox)
    return validation.publish.events[-1]


SWAPPED: dict[str, object] = {"sample_id": "S-2", "plate_id": "P-1", "well": "A4"}
RIGHT: dict[str, object] = {**SWAPPED, "sample_id": "S-1"}


async def test_a_swap_is_held_back_and_the_result_names_it() -> None:
    validation = gate(Lims(), **SWAPPED)
    event = await said(validation)
    assert isinstance(event, FileQuarantined)
    assert event.data.reason_code == ReasonCode.IDENTITY_MISMATCH
    assert "The file contradicts the LIMS" in event.data.message
    assert "sample S-2 in the file, sample S-1 in the LIMS" in event.data.message
    assert isinstance(validation.evidence, Kept)
    (document,) = validation.evidence.documents.values()
    rules = {rule["rule"]: rule for rule in json.loads(document)["rules"]}
    assert rules[RULE]["passed"] is False
    assert rules[RULE]["failing_rows"] == EVENT.data.table.rows


async def test_a_right_file_passes_and_costs_one_question() -> None:
    lims = Lims()
    validation = gate(lims, **RIGHT)
    assert isinstance(await said(validation), FileValidated)
    assert isinstance(validation.evidence, Kept)
    assert (lims.asked, validation.evidence.read) == (1, 0)


async def test_what_the_lims_itself_says_is_not_asked_about() -> None:
    lims = Lims()
    source = EVENT.data.file.source.model_copy(update={"name": "lims/acme"})
    file = EVENT.data.file.model_copy(update={"source": source})
    event = EVENT.model_copy(update={"data": EVENT.data.model_copy(update={"file": file})})
    assert isinstance(await said(gate(lims, **SWAPPED), event), FileValidated)
    assert lims.asked == 0


async def test_a_run_that_was_let_in_is_not_turned_round_by_what_the_lims_says_later() -> None:
    lims = Lims(known=())
    validation = gate(lims, **SWAPPED)
    assert isinstance(await said(validation), FileValidated)
    lims.known = KNOWN
    assert isinstance(await said(validation), FileValidated)


async def test_a_run_that_was_held_back_stays_so_when_it_is_announced_again() -> None:
    lims = Lims()
    validation = gate(lims, **SWAPPED)
    first = await said(validation)
    lims.known = ()
    again = await said(validation, EVENT.model_copy(update={"announcement": 2}))
    assert isinstance(first, FileQuarantined)
    assert isinstance(again, FileQuarantined)
    assert again.data == first.data
