from __future__ import annotations

import json
from dataclasses import dataclass, field

import pyarrow as pa
import pytest

from cytolake_contracts import Decision, FileConverted, FileQuarantined, FileValidated, ReasonCode
from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.examples import valid_examples
from cytolake_runtime import Retryable
from cytolake_runtime.testing import Outbox
from cytolake_validator.handlers import ContractMismatchError, Validation
from cytolake_validator.rules import Broken, Candidate

CONTRACTS = load_contracts()
EVENT = FileConverted.from_bytes(valid_examples(FileConverted.type_name())["sample.json"])


@dataclass
class Tables:
    """A raw zone with as many good rows as the event says."""

    rows: int = EVENT.data.table.rows

    async def read(self, key: str, *, sha256: str) -> pa.Table:
        assert (key, sha256) == (EVENT.data.table.parquet_key, EVENT.data.table.parquet_sha256)
        sample = CONTRACTS["sample"]
        return pa.Table.from_pylist(good_rows(sample, self.rows), schema=sample.arrow_schema())


class AbsentTables:
    async def read(self, key: str, *, sha256: str) -> pa.Table:
        raise Retryable(key + sha256)


@dataclass
class Kept:
    documents: dict[str, bytes] = field(default_factory=dict)

    async def keep(self, key: str, document: bytes) -> None:
        self.documents[key] = document

    async def kept(self, key: str) -> bytes | None:
        return self.documents.get(key)


def judging(broken: Broken) -> Validation:
    async def judge(candidate: Candidate) -> Broken:
        assert candidate.contract.name == "sample"
        return broken

    return Validation(
        raw=Tables(),
        evidence=Kept(),
        contracts=CONTRACTS,
        judge=judge,
        publish=Outbox(),
        engine="fake 1",
    )


async def said(validation: Validation, event: FileConverted = EVENT) -> list[object]:
    await validation.on_file_converted(event)
    assert isinstance(validation.publish, Outbox)
    return list(validation.publish.events)


async def test_a_good_file_is_validated() -> None:
    (event,) = await said(judging({}))
    assert isinstance(event, FileValidated)
    assert event.data.warnings == ()
    assert (event.run_id, event.object_id) == (EVENT.run_id, EVENT.object_id)


async def test_a_warning_lets_the_file_pass() -> None:
    (event,) = await said(judging({"culture_day_is_not_negative": (0,)}))
    assert isinstance(event, FileValidated)
    assert [warning.rule for warning in event.data.warnings] == ["culture_day_is_not_negative"]


async def test_a_blocking_rule_holds_the_file_back_with_all_that_was_found() -> None:
    found = {"culture_day_is_not_negative": (0,), "volume_is_positive": (1, 2)}
    (event,) = await said(judging(found))
    assert isinstance(event, FileQuarantined)
    assert event.data.reason_code == ReasonCode.CONTRACT_VIOLATION
    assert "volume of a culture" in event.data.message
    assert [failure.rule for failure in event.data.failures] == [
        "culture_day_is_not_negative",
        "volume_is_positive",
    ]


async def test_a_file_held_back_when_read_again_says_which_rows_stay() -> None:
    decision = Decision(
        action="replay",
        actor="jane",
        reason="a new parser",
        decided_at=EVENT.time,
        replaces=1,
        replaces_datasets=("sample",),
    )
    again = EVENT.model_copy(update={"data": EVENT.data.model_copy(update={"decision": decision})})
    (event,) = await said(judging({"volume_is_positive": (1, 2)}), again)
    assert isinstance(event, FileQuarantined)
    assert event.data.message.endswith("(The rows of run 1, loaded before, stay in the marts.)")


async def test_the_result_is_kept_before_it_is_announced() -> None:
    validation = judging({"volume_is_positive": (1,)})
    (event,) = await said(validation)
    assert isinstance(event, FileQuarantined)
    assert isinstance(validation.evidence, Kept)
    document = json.loads(validation.evidence.documents[str(event.data.result_key)])
    assert event.data.result_key == f"validation/{EVENT.object_id}/{EVENT.run_no}.json"
    assert document["verdict"] == "quarantined"


async def test_told_twice_says_the_same_twice() -> None:
    validation = judging({})
    await validation.on_file_converted(EVENT)
    assert isinstance(validation.evidence, Kept)
    first = dict(validation.evidence.documents)
    one, two = await said(validation)
    assert isinstance(one, FileValidated)
    assert isinstance(two, FileValidated)
    assert one.id == two.id
    assert validation.evidence.documents == first


async def test_absent_bytes_lead_to_no_verdict() -> None:
    validation = judging({})
    object.__setattr__(validation, "raw", AbsentTables())
    with pytest.raises(Retryable):
        await said(validation)
    assert isinstance(validation.publish, Outbox)
    assert validation.publish.events == []


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"dataset": "weather"}, "no contract for dataset 'weather'; known: batch"),
        ({"contract_version": "0.9.0"}, "0.9.0, but this validator knows 1.1.0"),
        ({"rows": 3}, "has 8 rows, announced were 3"),
    ],
)
async def test_what_only_our_bug_can_cause_says_so(table: dict[str, object], words: str) -> None:
    reference = EVENT.data.table.model_copy(update=table)
    event = EVENT.model_copy(update={"data": EVENT.data.model_copy(update={"table": reference})})
    with pytest.raises(ContractMismatchError, match=words):
        await said(judging({}), event)


class ByDataset:
    """A raw zone where each table holds as many good rows of its dataset as is said of it."""

    async def read(self, key: str, *, sha256: str) -> pa.Table:
        del sha256
        contract = CONTRACTS[key.split("/")[1]]
        rows = good_rows(contract, EVENT.data.table.rows)
        return pa.Table.from_pylist(rows, schema=contract.arrow_schema())


@pytest.mark.parametrize("severity", ["block", "warn"])
async def test_every_table_of_a_run_is_judged_and_there_is_one_verdict(severity: str) -> None:
    broken = {"block": "viability_is_a_percentage", "warn": "setting_unit_is_known"}[severity]

    async def judge(candidate: Candidate) -> Broken:
        return {broken: (1,)} if candidate.contract.name == "measurement" else {}

    other = EVENT.data.table.model_copy(
        update={
            "dataset": "measurement",
            "contract_version": CONTRACTS["measurement"].version,
            "parquet_key": "raw/measurement/o/1.parquet",
        }
    )
    event = EVENT.model_copy(update={"data": EVENT.data.model_copy(update={"others": (other,)})})
    validation = judging({})
    object.__setattr__(validation, "raw", ByDataset())
    object.__setattr__(validation, "judge", judge)
    (verdict,) = await said(validation, event)
    if severity == "block":
        assert isinstance(verdict, FileQuarantined)
        assert f"({CONTRACTS['measurement'].reference})" in verdict.data.message
        found = verdict.data.failures
    else:
        assert isinstance(verdict, FileValidated)
        assert verdict.data.others == (other,)
        found = verdict.data.warnings
    assert [(failure.dataset, failure.rule) for failure in found] == [("measurement", broken)]
