from __future__ import annotations

from dataclasses import replace
from functools import cache

import pyarrow as pa
import pytest
from pydantic import SecretStr

from cytolake_contracts import Event, FileConverted, FileQuarantined, FileValidated
from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.examples import valid_examples
from cytolake_contracts.schemas import violations
from cytolake_runtime.service import Service
from cytolake_runtime.testing import Outbox, ServiceContract
from cytolake_validator.adapters import ENGINE, GreatExpectationsJudge
from cytolake_validator.app import build_app, warm_up
from cytolake_validator.handlers import Validation
from cytolake_validator.rules import Broken, Candidate
from cytolake_validator.settings import ValidatorSettings

CONTRACTS = load_contracts()


@cache
def the_judge() -> GreatExpectationsJudge:
    return GreatExpectationsJudge(CONTRACTS)


class Kept:
    async def keep(self, key: str, document: bytes) -> None:
        """Results are looked at elsewhere."""

    async def kept(self, key: str) -> bytes | None:
        del key
        return None


class Tables:
    def __init__(self, event: FileConverted, changes: dict[str, object]) -> None:
        self.table, self.changes = event.data.table, changes

    async def read(self, key: str, *, sha256: str) -> pa.Table:
        assert (key, sha256) == (self.table.parquet_key, self.table.parquet_sha256)
        contract = CONTRACTS[self.table.dataset]
        rows = good_rows(contract, self.table.rows)
        rows[0].update({k: v for k, v in self.changes.items() if k in contract.column_names})
        return pa.Table.from_pylist(rows, schema=contract.arrow_schema())


async def judge(candidate: Candidate) -> Broken:
    (judged,) = the_judge().judge([candidate])
    if isinstance(judged, Exception):
        raise judged
    return judged


async def handled(event: Event, **changes: object) -> list[Event]:
    assert isinstance(event, FileConverted)
    outbox = Outbox()
    validation = Validation(
        raw=Tables(event, changes),
        evidence=Kept(),
        contracts=CONTRACTS,
        judge=judge,
        publish=outbox,
        engine=ENGINE,
    )
    await validation.on_file_converted(event)
    return outbox.events


class TestValidator(ServiceContract):
    service_name = "validator"
    consumed = (FileConverted,)
    published = (FileValidated, FileQuarantined)

    def build(self) -> Service:
        return build_app(ValidatorSettings(postgres_dsn=SecretStr("host=127.0.0.1")))

    async def handle(self, event: Event) -> list[Event]:
        return await handled(event)


async def test_a_quarantine_is_valid_by_its_schema() -> None:
    example = valid_examples(FileConverted.type_name())["measurement.json"]
    (said,) = await handled(
        FileConverted.from_bytes(example), quantity="viability", value_num=131.0
    )
    assert isinstance(said, FileQuarantined)
    assert violations(said.to_bytes()) == []
    assert [failure.rule for failure in said.data.failures] == ["viability_is_a_percentage"]


def test_a_validator_that_cannot_judge_does_not_start() -> None:
    sample = CONTRACTS["sample"]
    other = replace(sample, name="weather")  # no suite was built for it
    with pytest.raises(KeyError, match="weather"):
        warm_up(the_judge(), [sample, other])
