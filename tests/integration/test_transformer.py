"""The transformer as the process it is: broker, store and PostgreSQL are real."""

from __future__ import annotations

import asyncio
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
from tests.support.events import publish
from tests.support.lake import RawZone
from tests.support.process import ServiceProcess, handing_back, running
from tests.support.stack import Servers

pytestmark = [pytest.mark.integration, pytest.mark.slow]
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


@pytest.fixture(scope="module")
def process(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("transformer")
    with running(servers, "transformer", folder, **with_target(folder)) as made:
        yield made


def with_target(folder: Path) -> dict[str, str]:
    """Return where this transformer alone keeps dbt's parsed project."""
    return {"CYTOLAKE_DBT_TARGET_DIR": str(folder / "target")}


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

    async def without_files(self) -> LakeBuilt:
        """Wait for the build that made tables anew, and is no file's."""
        while not (found := [event for event in self.said if not event.data.objects]):
            await self._next({"a build of no file"})
        return found[-1]

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


def name() -> str:
    return f"counter/{uuid4()}.csv"


@pytest.mark.usefixtures("process")
async def test_a_validated_file_can_be_read_at_the_snapshot_announced(
    servers: Servers, raw: RawZone, lake: duckdb.DuckDBPyConnection
) -> None:
    sample = f"S-{uuid4()}"
    count = raw.counts(name(), [(sample, 2.0)])
    listed = raw.samples(f"list/{uuid4()}.csv", [(sample, f"B-{sample}", 0.0)])
    async with clients(servers) as (client, builds):
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


@pytest.mark.usefixtures("process")
async def test_told_again_it_answers_again(
    servers: Servers, raw: RawZone, lake: duckdb.DuckDBPyConnection
) -> None:
    load = raw.counts(name(), [("S1", 2.0)])
    async with clients(servers) as (client, builds):
        await publish(client, validated(load))
        (first,) = await builds.of([load])
        await publish(client, validated(load, announcement=2))
        (again,) = await builds.of([load], announcement=2)
    assert again.data.build_no == first.data.build_no
    assert set(again.data.marts["mart_measurement"].ids) == {load.object_id}
    assert again.message_id != first.message_id
    loads = "SELECT count(*) FROM lake.raw.load WHERE object_id = ?"
    assert lake.execute(loads, [load.object_id]).fetchall() == [(1,)]


@pytest.mark.usefixtures("process")
async def test_a_missing_file_is_a_dead_letter_and_its_neighbours_are_built(
    servers: Servers, raw: RawZone
) -> None:
    good = [raw.counts(name(), [("S1", 2.0)]) for _ in range(3)]
    bad = raw.counts(name(), [("S1", 2.0)])
    servers.s3().delete_object(Bucket="lake", Key=bad.parquet_path.removeprefix("s3://lake/"))
    async with clients(servers) as (client, builds):
        letters = await builds.client.jetstream().subscribe(
            "dead.transformer", stream="DEAD", ordered_consumer=True
        )
        await publish(client, *map(validated, [*good, bad]))
        await builds.of(good)
        letter = DeadLetter.model_validate_json((await letters.next_msg(timeout=120)).data)
    assert bad.run_id in letter.payload
    assert "404" in letter.message


@pytest.fixture
def second(servers: Servers, tmp_path: Path) -> Iterator[ServiceProcess]:
    """Another transformer, launched while the first one writes."""
    salt = {"CYTOLAKE_IDENTITY_SALT": "another one: to build the lake anew"}
    made = ServiceProcess(servers, "transformer", tmp_path, **with_target(tmp_path), **salt)
    made.launch()
    yield made
    assert made.stop() == 0


async def test_killed_in_a_backlog_another_takes_over_and_nothing_is_lost_nor_twice(
    servers: Servers,
    process: ServiceProcess,
    second: ServiceProcess,
    raw: RawZone,
    lake: duckdb.DuckDBPyConnection,
) -> None:
    loads = [raw.counts(name(), [("S1", 2.0), ("S2", 3.0)]) for _ in range(BACKLOG)]
    await asyncio.to_thread(second.wait_words, "another transformer is writing the lake")
    assert not second.ready.exists()
    async with clients(servers) as (client, builds):
        lake.execute("UPDATE lake.marts.mart_measurement SET value_std = -1")
        await publish(client, *map(validated, loads))
        await builds.of(loads[:1])
        process.kill()
        async with handing_back(servers, "transformer"):
            await asyncio.to_thread(second.wait_ready)
        said = await builds.of(loads)
        proved = await builds.without_files()
    assert len({event.data.build_no for event in said}) < BACKLOG, "what waits is built together"
    ids = ", ".join(f"'{load.object_id}'" for load in loads)
    for table in ("raw.measurement", "curated.fct_measurement", "marts.mart_measurement"):
        rows, keys, objects = lake.execute(
            "SELECT count(*), count(DISTINCT measurement_key), count(DISTINCT object_id)"
            f" FROM lake.{table} WHERE object_id IN ({ids})"
        ).fetchall()[0]
        assert (rows, keys, objects) == (4 * BACKLOG, 4 * BACKLOG, BACKLOG)
    assert proved.data.marts["mart_measurement"].all
    ((wrong,),) = lake.execute(
        f"SELECT count(*) FILTER (value_std < 0) FROM lake.marts.mart_measurement"
        f" AT (VERSION => {proved.data.snapshot_id})"
    ).fetchall()
    assert wrong == 0, "with another salt, all of the lake was made anew"
    unmarked = "SELECT * FROM lake.raw.load ANTI JOIN lake.raw.build USING (build_no)"
    assert lake.execute(unmarked).fetchall() == []
