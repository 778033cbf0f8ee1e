"""The validator as the process it is, on the real broker and the real store."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nats.aio.client import Client

from cytolake_contracts import (
    DeadLetter,
    FileConverted,
    FileQuarantined,
    FileValidated,
    read_event,
)
from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.examples import valid_examples
from cytolake_contracts.identity import event_id, run_id, traceparent_for_run
from tests.support.events import publish
from tests.support.process import ServiceProcess, handing_back, running
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
SAMPLE = load_contracts()["sample"]
EXAMPLE = FileConverted.from_bytes(valid_examples(FileConverted.type_name())["sample.json"])
BACKLOG = 60


def parquet(**changes: object) -> bytes:
    rows = good_rows(SAMPLE, 8)
    rows[3].update(changes)
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=SAMPLE.arrow_schema()), sink)
    return sink.getvalue()


def converted(body: bytes, **table: object) -> FileConverted:
    """Return the event of a new object whose rows are `body`."""
    new = uuid4()
    run = run_id(new, 1)
    reference = EXAMPLE.data.table.model_copy(
        update={
            "parquet_key": f"raw/sample/{new}/1.parquet",
            "parquet_sha256": hashlib.sha256(body).hexdigest(),
            **table,
        }
    )
    return EXAMPLE.model_copy(
        update={
            "id": event_id(run, FileConverted.type_name()),
            "object_id": new,
            "run_id": run,
            "run_no": 1,
            "announcement": 1,
            "traceparent": traceparent_for_run(run),
            "data": EXAMPLE.data.model_copy(update={"table": reference}),
        }
    )


def keep(servers: Servers, event: FileConverted, body: bytes) -> None:
    servers.s3().put_object(Bucket="lake", Key=event.data.table.parquet_key, Body=body)


class Verdicts:
    """What the validator said, from the beginning of the stream, read as the provisioner may."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.said: dict[UUID, list[FileValidated | FileQuarantined]] = {}
        self._subscription: Any = None

    async def of(
        self, events: Sequence[FileConverted], *, each: int = 1
    ) -> list[FileValidated | FileQuarantined]:
        """Wait until each event has so many verdicts; return the last of each, in their order."""
        if self._subscription is None:
            self._subscription = await self.client.jetstream().subscribe(
                "cytolake.*.file.*", stream="CYTOLAKE", ordered_consumer=True
            )
        while any(len(self.said.get(event.run_id, ())) < each for event in events):
            event = read_event((await self._subscription.next_msg(timeout=180)).data)
            if isinstance(event, FileValidated | FileQuarantined):
                self.said.setdefault(event.run_id, []).append(event)
        return [self.said[event.run_id][-1] for event in events]


@pytest.fixture(scope="module")
def validator(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    with running(servers, "validator", tmp_path_factory.mktemp("validator")) as process:
        yield process


@asynccontextmanager
async def clients(servers: Servers) -> AsyncIterator[tuple[Client, Verdicts]]:
    async with (
        servers.nats("converter") as converter,
        servers.nats("provisioner") as provisioner,
    ):
        yield converter, Verdicts(provisioner)


def document(servers: Servers, key: str) -> Any:
    return json.loads(servers.s3().get_object(Bucket="evidence", Key=key)["Body"].read())


@pytest.mark.usefixtures("validator")
async def test_each_file_gets_its_verdict_and_its_result_is_kept(servers: Servers) -> None:
    bodies = [parquet(), parquet(culture_day=-1.0), parquet(volume_ml=0.0, batch_id=None)]
    events = [converted(body) for body in bodies]
    for event, body in zip(events, bodies, strict=True):
        keep(servers, event, body)
    async with clients(servers) as (converter, verdicts):
        await publish(converter, *events)
        good, warned, held = await verdicts.of(events)
    assert isinstance(good, FileValidated)
    assert good.data.warnings == ()
    assert isinstance(warned, FileValidated)
    assert [w.rule for w in warned.data.warnings] == ["culture_day_is_not_negative"]
    assert isinstance(held, FileQuarantined)
    assert [f.rule for f in held.data.failures] == ["batch_id_required", "volume_is_positive"]
    assert held.data.failures[1].examples == ("row 4 (sample_id-3, well-3): volume_ml 0.0",)
    results = [document(servers, str(verdict.data.result_key)) for verdict in (good, warned, held)]
    assert [r["verdict"] for r in results] == ["validated", "validated", "quarantined"]
    assert [r["run_id"] for r in results] == [str(event.run_id) for event in events]


@pytest.mark.usefixtures("validator")
async def test_told_again_it_answers_again_under_the_same_id(servers: Servers) -> None:
    body = parquet()
    event = converted(body)
    keep(servers, event, body)
    async with clients(servers) as (converter, verdicts):
        await publish(converter, event)
        (first,) = await verdicts.of([event])
        await publish(converter, event.model_copy(update={"announcement": 2}))
        (second,) = await verdicts.of([event], each=2)
    assert (first.id, first.announcement) == (second.id, 1)
    assert second.announcement == 2


@pytest.mark.usefixtures("validator")
async def test_rows_that_are_not_there_yet_are_waited_for(servers: Servers) -> None:
    """Neither an absent object nor one with other bytes than announced leads to a verdict."""
    body = parquet()
    absent, other = converted(body), converted(body)
    keep(servers, other, parquet(step="another"))
    async with clients(servers) as (converter, verdicts):
        await publish(converter, absent, other)
        while await redelivered(verdicts.client) < 2:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.05)
        keep(servers, absent, body)
        keep(servers, other, body)
        told = await verdicts.of([absent, other])
    assert all(isinstance(verdict, FileValidated) for verdict in told)
    assert [len(verdicts.said[event.run_id]) for event in (absent, other)] == [1, 1]


async def redelivered(client: Client) -> int:
    info = await client.jetstream().consumer_info("CYTOLAKE", "validator")
    return info.num_redelivered or 0


@pytest.mark.usefixtures("validator")
async def test_an_unknown_contract_version_is_dead_lettered_in_words(servers: Servers) -> None:
    event = converted(parquet(), contract_version="9.0.0")
    async with clients(servers) as (converter, verdicts):
        subscription = await verdicts.client.jetstream().subscribe(
            "dead.validator", stream="DEAD", ordered_consumer=True
        )
        await publish(converter, event)
        letter = None
        while letter is None or str(event.run_id) not in letter.payload:
            message = await subscription.next_msg(timeout=180)
            letter = DeadLetter.model_validate_json(message.data)
    assert letter.error_type == "ContractMismatchError"
    assert "sample 9.0.0, but this validator knows 1.1.0" in letter.message
    assert letter.deliveries == 3


@pytest.mark.slow
async def test_killed_in_a_backlog_every_file_gets_its_one_verdict(
    servers: Servers, validator: ServiceProcess
) -> None:
    good, bad = parquet(), parquet(volume_ml=-1.0)
    bodies = [good if n % 10 else bad for n in range(BACKLOG)]
    events = [converted(body) for body in bodies]
    for event, body in zip(events, bodies, strict=True):
        keep(servers, event, body)
    async with clients(servers) as (converter, verdicts):
        await publish(converter, *events)
        await verdicts.of(events[:1])
        validator.kill()
        async with handing_back(servers, "validator"):
            validator.launch()
            await asyncio.to_thread(validator.wait_ready)
        told = await verdicts.of(events)
    held = [n for n, verdict in enumerate(told) if isinstance(verdict, FileQuarantined)]
    assert held == list(range(0, BACKLOG, 10))
    for event in events:
        assert len({verdict.id for verdict in verdicts.said[event.run_id]}) == 1
