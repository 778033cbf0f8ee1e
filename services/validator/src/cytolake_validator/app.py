"""The one place that puts the validator together."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import pyarrow as pa

from cytolake_contracts import FileConverted, FileQuarantined, FileValidated
from cytolake_contracts.datasets import DatasetContract, load_contracts
from cytolake_runtime import Coalescer
from cytolake_runtime.database import Database
from cytolake_runtime.large_objects import LargeObjects
from cytolake_runtime.service import Service
from cytolake_runtime.store import ObjectStore
from cytolake_validator.adapters import (
    ENGINE,
    MAX_ROWS,
    EvidenceBucket,
    GreatExpectationsJudge,
    LakeTables,
)
from cytolake_validator.handlers import Validation
from cytolake_validator.large import by_batches
from cytolake_validator.large_tables import LargeTables
from cytolake_validator.lims import MartSamples
from cytolake_validator.rules import Broken, Candidate
from cytolake_validator.settings import ValidatorSettings

NAME = "validator"
MOST_QUESTIONS_AT_ONCE = 4


def build_app(settings: ValidatorSettings) -> Service:
    """Build the validator; nothing is opened yet."""
    service = Service(settings, name=NAME)
    store = ObjectStore(settings)
    contracts = {c.name: c for c in load_contracts().values() if c.zone == "raw"}
    judge = GreatExpectationsJudge(contracts | _by_batches(contracts))
    together = Coalescer[Candidate, Broken](
        in_thread(judge),
        max_items=settings.validator_batch_files,
        linger_seconds=settings.validator_linger_seconds,
    )
    database = Database(settings.dsn, max_connections=MOST_QUESTIONS_AT_ONCE)
    validation = Validation(
        raw=LakeTables(store, bucket=settings.lake_bucket),
        evidence=EvidenceBucket(store, bucket=settings.evidence_bucket),
        contracts=contracts,
        judge=together,
        publish=service.bus.publish,
        engine=ENGINE,
        large=_large_tables(settings, judge),
        lims=MartSamples(database),
    )

    async def start() -> None:
        await database.open()
        await asyncio.to_thread(warm_up, judge, contracts.values())

    async def close() -> None:
        store.close()
        await database.close()

    service.on_start(start)
    service.on_stop(close)
    service.bus.publishes(FileValidated, FileQuarantined)
    service.bus.consume(
        FileConverted,
        durable=NAME,
        handler=validation.on_file_converted,
        workers=settings.validator_workers,
    )
    return service


def _by_batches(contracts: Mapping[str, DatasetContract]) -> dict[str, DatasetContract]:
    return {part.name: part for part in map(by_batches, contracts.values())}


def _large_tables(settings: ValidatorSettings, judge: GreatExpectationsJudge) -> LargeTables:
    return LargeTables(
        objects=LargeObjects(settings),
        bucket=settings.lake_bucket,
        judge=one_by_one(judge),
        max_rows=MAX_ROWS,
        duckdb_memory=settings.validator_duckdb_memory,
    )


def warm_up(judge: GreatExpectationsJudge, contracts: Iterable[DatasetContract]) -> None:
    """Judge an empty row of each dataset: the first judgement costs what four others do.

    Raises what keeps it from judging: such a validator must not say that it is ready.
    """
    for result in judge.judge([_empty_row(contract) for contract in contracts]):
        if isinstance(result, Exception):
            raise result
    # Everything imported stays for good: a collection need not walk 200 MB of it each time.
    gc.collect()
    gc.freeze()


def in_thread(
    judge: GreatExpectationsJudge,
) -> Callable[[list[Candidate]], Awaitable[Sequence[Broken | Exception]]]:
    """Judge beside the event loop: it takes tens of milliseconds, and heartbeats go on."""

    async def work(candidates: list[Candidate]) -> Sequence[Broken | Exception]:
        return await asyncio.to_thread(judge.judge, candidates)

    return work


def one_by_one(judge: GreatExpectationsJudge) -> Callable[[Candidate], Broken]:
    """Judge a part of a large table by itself, at once: files that wait come in between."""

    def work(candidate: Candidate) -> Broken:
        (result,) = judge.judge([candidate])
        if isinstance(result, Exception):
            raise result
        return result

    return work


def _empty_row(contract: DatasetContract) -> Candidate:
    row = dict.fromkeys(contract.column_names)
    return Candidate(
        table=pa.Table.from_pylist([row], schema=contract.arrow_schema()), contract=contract
    )
