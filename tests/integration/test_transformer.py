"""The transformer as the process it is: broker, store and PostgreSQL are real."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import duckdb
import pytest
from nats.aio.client import Client

from cytolake_contracts import DeadLetter, FileValidated, LakeBuilt
from cytolake_contracts.examples import valid_examples
from cytolake_contracts.identity import traceparent_for_run
from cytolake_transformer.app import catalog_of, store_of
from cytolake_transformer.builds import Load
from cytolake_transformer.duck import EXTENSIONS, extension
from cytolake_transformer.settings import TransformerSettings
from tests.support.lake import RawZone
from tests.support.stack import Servers

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]
EXAMPLE = FileValidated.from_bytes(next(iter(valid_examples(FileValidated.type_name()).values())))
BACKLOG = 40


def validated(load: Load, *, announcement: int = 1) -> FileValidated:
    """Return what the validator says of the run."""
    file = EXAMPLE.data.file.model_copy(
        update={"key": load.file_key, "object_seq": load.object_seq}
    )
    table = EXAMPLE.data.table.model_copy(
        update={
            "dataset": load.dataset,
            "parquet_key": load.parquet_path.removeprefix("s3://lake/"),
            "rows": load.rows,
        }
    )
    return EXAMPLE.model_copy(
        update={
            "id": uuid4(),
            "object_id": UUID(load.object_id),
            "run_id": UUID(load.run_id),
            "run_no": load.run_no,
            "announcement": announcement,
            "traceparent": traceparent_for_run(UUID(load.run_id)),
            "data": EXAMPLE.data.model_copy(update={"file": file, "table": table}),
        }
    )


class Process:
    """The service's process, with the rights that it has in the stack."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self.ready, self.log = folder / "ready", folder / "log"
        self.environment = servers.environment("transformer") | {
            "CYTOLAKE_READY_FILE": str(self.ready),
            "CYTOLAKE_DBT_TARGET_DIR": str(folder / "target"),
        }

    def start(self) -> None:
        self.ready.unlink(missing_ok=True)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cytolake_transformer"],
                env={**os.environ, **self.environment},
                stderr=log,
            )

    async def until_ready(self) -> None:
        while not self.ready.exists():
            assert self.process.poll() is None, self.log.read_text()
            await asyncio.sleep(0.05)

    async def until_it_says(self, words: str) -> None:
        while words not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            await asyncio.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait()


@pytest.fixture(scope="module")
def process(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    made = Process(servers, tmp_path_factory.mktemp("transformer"))
    made.start()
    yield made
    assert made.stop() == 0


@pytest.fixture
def raw(servers: Servers) -> RawZone:
    def put(key: str, body: bytes) -> str:
        servers.s3().put_object(Bucket="lake", Key=key, Body=body)
        return f"s3://lake/{key}"

    return RawZone(put)


@pytest.fixture(scope="module")
def lake(servers: Servers) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read the lake from outside, as the mart-loader does."""
    settings = servers.settings("transformer", TransformerSettings)
    catalog = catalog_of(settings)
    with duckdb.connect() as reader:
        for name in EXTENSIONS:
            reader.execute(f"LOAD '{extension(name)}'")
        reader.execute(store_of(settings).secret())
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PGPASSWORD", catalog.password)
            reader.execute(catalog.attach())
            yield reader


class Builds:
    """What the transformer said, from the beginning of the stream."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.said: list[LakeBuilt] = []
        self._subscription: Any = None

    async def of(self, loads: Sequence[Load], *, announcement: int = 1) -> list[LakeBuilt]:
        """Wait until every run is answered under the announcement; return who answered."""
        wanted = {load.run_id for load in loads}
        while missing := wanted - self._answered(announcement):
            await self._next(missing)
        return [event for event in self.said if wanted & _runs(event, announcement)]

    def _answered(self, announcement: int) -> set[str]:
        return {run for event in self.said for run in _runs(event, announcement)}

    async def _next(self, missing: set[str]) -> None:
        if self._subscription is None:
            self._subscription = await self.client.jetstream().subscribe(
                "cytolake.*.lake.built", stream="CYTOLAKE", ordered_consumer=True
            )
        assert missing
        message = await self._subscription.next_msg(timeout=120)
        self.said.append(LakeBuilt.from_bytes(message.data))


def _runs(event: LakeBuilt, announcement: int) -> set[str]:
    return {str(o.run_id) for o in event.data.objects if o.announcement == announcement}


@asynccontextmanager
async def clients(servers: Servers) -> AsyncIterator[tuple[Client, Builds]]:
    async with servers.nats("validator") as validator, servers.nats("provisioner") as provisioner:
        yield validator, Builds(provisioner)


async def publish(client: Client, *events: FileValidated) -> None:
    for event in events:
        headers = {"Nats-Msg-Id": event.message_id}
        await client.jetstream().publish(event.nats_subject, event.to_bytes(), headers=headers)


def name() -> str:
    return f"counter/{uuid4()}.csv"


async def test_a_validated_file_can_be_read_at_the_snapshot_announced(
    servers: Servers, process: Process, raw: RawZone, lake: duckdb.DuckDBPyConnection
) -> None:
    sample = f"S-{uuid4()}"
    count = raw.counts(name(), [(sample, 2.0)])
    listed = raw.samples(f"list/{uuid4()}.csv", [(sample, f"B-{sample}", 0.0)])
    async with clients(servers) as (client, builds):
        await process.until_ready()
        await publish(client, validated(count), validated(listed))
        said = (await builds.of([count, listed]))[-1].data
        marts = {key: set(slices.ids) for key, slices in said.marts.items()}
    assert marts["mart_measurement"] >= {count.object_id}
    assert marts["mart_cell_growth"] == {f"B-{sample}"}
    at = f"AT (VERSION => {said.snapshot_id})"
    rows = lake.execute(
        f"SELECT DISTINCT batch_id FROM lake.marts.mart_measurement {at} WHERE object_id = ?",
        [count.object_id],
    ).fetchall()
    assert rows == [(f"B-{sample}",)]


async def test_told_again_it_answers_again(
    servers: Servers, process: Process, raw: RawZone, lake: duckdb.DuckDBPyConnection
) -> None:
    load = raw.counts(name(), [("S1", 2.0)])
    async with clients(servers) as (client, builds):
        await process.until_ready()
        await publish(client, validated(load))
        (first,) = await builds.of([load])
        await publish(client, validated(load, announcement=2))
        (again,) = await builds.of([load], announcement=2)
    assert again.data.build_no == first.data.build_no
    assert set(again.data.marts["mart_measurement"].ids) == {load.object_id}
    assert again.message_id != first.message_id
    loads = "SELECT count(*) FROM lake.raw.load WHERE object_id = ?"
    assert lake.execute(loads, [load.object_id]).fetchall() == [(1,)]


async def test_a_missing_file_is_a_dead_letter_and_its_neighbours_are_built(
    servers: Servers, process: Process, raw: RawZone
) -> None:
    good = [raw.counts(name(), [("S1", 2.0)]) for _ in range(3)]
    bad = raw.counts(name(), [("S1", 2.0)])
    servers.s3().delete_object(Bucket="lake", Key=bad.parquet_path.removeprefix("s3://lake/"))
    async with clients(servers) as (client, builds):
        await process.until_ready()
        letters = await builds.client.jetstream().subscribe(
            "dead.transformer", stream="DEAD", ordered_consumer=True
        )
        await publish(client, *map(validated, [*good, bad]))
        await builds.of(good)
        letter = DeadLetter.model_validate_json((await letters.next_msg(timeout=120)).data)
    assert bad.run_id in letter.payload
    assert "404" in letter.message


async def test_killed_in_a_backlog_nothing_is_lost_nor_twice(
    servers: Servers, process: Process, raw: RawZone, lake: duckdb.DuckDBPyConnection
) -> None:
    loads = [raw.counts(name(), [("S1", 2.0), ("S2", 3.0)]) for _ in range(BACKLOG)]
    async with clients(servers) as (client, builds):
        await process.until_ready()
        await publish(client, *map(validated, loads[:1]))
        await publish(client, *map(validated, loads[1:]))
        await builds.of(loads[:1])
        process.kill()
        process.start()
        said = await builds.of(loads)
    assert len({event.data.build_no for event in said}) < BACKLOG, "what waits is built together"
    ids = ", ".join(f"'{load.object_id}'" for load in loads)
    for table in ("raw.measurement", "curated.fct_measurement", "marts.mart_measurement"):
        rows, keys, objects = lake.execute(
            "SELECT count(*), count(DISTINCT measurement_key), count(DISTINCT object_id)"
            f" FROM lake.{table} WHERE object_id IN ({ids})"
        ).fetchall()[0]
        assert (rows, keys, objects) == (4 * BACKLOG, 4 * BACKLOG, BACKLOG)
    unmarked = "SELECT * FROM lake.raw.load ANTI JOIN lake.raw.build USING (build_no)"
    assert lake.execute(unmarked).fetchall() == []


async def test_a_second_transformer_waits_until_the_first_is_gone(
    servers: Servers, process: Process, tmp_path: Path
) -> None:
    await process.until_ready()
    second = Process(servers, tmp_path)
    second.start()
    await second.until_it_says("another transformer is writing the lake")
    assert not second.ready.exists()
    process.kill()
    await second.until_ready()
    assert second.stop() == 0
    process.start()
    await process.until_ready()
