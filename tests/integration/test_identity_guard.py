"""The chain-of-identity guard on real files and a real database: swaps blocked, nothing else."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import median

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cytolake.synthetic.plant import Drop, World, build
from cytolake.synthetic.plant.faults import swapped
from cytolake.synthetic.plant.files import files_of
from cytolake.synthetic.plant.model import Batch
from cytolake_contracts.datasets import load_contracts
from cytolake_ingest_gateway.converter.convert import Converted, Converter
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.sandbox.runner import Sandbox
from cytolake_ingest_gateway.converter.testing import declared, landed
from cytolake_mart_loader.access import FUNCTIONS, policies, table_of_access
from cytolake_mart_loader.tables import create
from cytolake_runtime.database import Database
from cytolake_validator.handlers import contradiction_of
from cytolake_validator.identity import Identity
from cytolake_validator.lims import MartSamples
from tests.support.stack import Servers

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CLEAN, SWAPS, PLATES = 500, 50, 6
"""Files of each kind; so many of the swaps, and of the clean files, are plates."""
SHOWS_IDENTITY = ("-flow", "-qpcr", "-endotoxin")
BATCHES = 200


@dataclass
class Plant:
    """A world, and the converter that reads its files."""

    world: World
    converter: Converter

    def rows(self, drop: Drop) -> tuple[pa.Table, str]:
        source = drop.source
        event = landed(
            drop.body,
            name=drop.name,
            vendor=source.vendor,
            layout=source.layout,
            timezone=source.timezone,
        )
        outcome = self.converter(event, drop.body)
        assert isinstance(outcome, Converted), (drop.key, outcome)
        return pq.read_table(io.BytesIO(outcome.parquet.body)), outcome.parquet.dataset


@pytest.fixture(scope="module")
def plant(servers: Servers) -> Iterator[Plant]:
    world = build(7, BATCHES)
    sandbox = Sandbox()
    sandbox.warm_up()
    converter = Converter(run_parser=sandbox.run, declared=declared(), limits=GuardLimits())
    tell(servers, world)
    yield Plant(world, converter)
    with psycopg.connect(servers.dsn("postgres")) as connection:
        connection.execute("drop table marts.mart_sample, marts.mart_batch, marts.access cascade")


@pytest.fixture
async def lims(servers: Servers) -> AsyncIterator[MartSamples]:
    """Ask with the rights that the validator has."""
    database = Database(servers.dsn("validator"))
    await database.open()
    yield MartSamples(database)
    await database.close()


def tell(servers: Servers, world: World) -> None:
    """Make the mart as its owner does, and put the plant's samples into it."""
    contracts = load_contracts()
    with psycopg.connect(servers.dsn("mart_loader")) as connection:
        for statement in table_of_access(["validator"]):
            connection.execute(statement.encode())
        connection.execute(FUNCTIONS.encode())
        for name in ("mart_batch", "mart_sample"):
            connection.execute(create(contracts[name]).encode())
            for statement in policies(contracts[name]):
                connection.execute(statement.encode())
        insert = """
            insert into marts.mart_sample (sample_id, batch_id, plate_id, well, object_id, run_id,
              run_no, file_key, collected_at, has_warnings)
            values (%s, %s, %s, %s, 'o', 'r', 1, 'k', %s, false)
        """
        with connection.cursor() as cursor:
            cursor.executemany(
                insert,
                [
                    (one.sample_id, one.batch_id, one.plate_id, one.well, one.collected_at)
                    for batch in world.batches
                    for one in batch.samples
                ],
            )


def files(world: World, ending: tuple[str, ...]) -> list[tuple[Batch, Drop]]:
    return [
        (batch, drop)
        for batch in world.batches
        for drop in files_of(batch)
        if drop.source.name.endswith(ending)
    ]


async def test_fifty_swaps_are_blocked_and_of_five_hundred_clean_files_none(
    plant: Plant, lims: MartSamples
) -> None:
    tables, plates = files(plant.world, SHOWS_IDENTITY), files(plant.world, ("-gen5",))
    clean = [drop for _, drop in [*tables[SWAPS:][: CLEAN - PLATES], *plates[PLATES:][:PLATES]]]
    doubtful = [*tables[: SWAPS - PLATES], *plates[:PLATES]]
    assert (len(clean), len(doubtful)) == (CLEAN, SWAPS)
    wrong, seconds = [], []
    for drop in clean:
        table, dataset = plant.rows(drop)
        began = time.perf_counter()
        found = await contradiction_of(table, dataset, lims)
        seconds.append(time.perf_counter() - began)
        if found is not None:
            wrong.append((drop.key, found.examples))
    assert wrong == []
    for batch, drop in doubtful:
        swap = swapped(drop, batch, told_in="-")
        assert swap is not None
        assert swap.body != drop.body
        table, dataset = plant.rows(swap)
        found = await contradiction_of(table, dataset, lims)
        assert found is not None, swap.key
        assert "in the file" in found.examples[0]
        assert "in the LIMS" in found.examples[0]
    print(f"identity of a file: {median(seconds) * 1e3:.1f} ms in the middle")  # noqa: T201


@pytest.mark.usefixtures("plant")
async def test_a_sample_that_the_lims_does_not_know_holds_nothing_back(lims: MartSamples) -> None:
    table = pa.table({"sample_id": ["S-unknown"], "batch_id": ["B-unknown"]})
    assert await contradiction_of(table, "result", lims) is None


async def test_many_samples_are_one_question(plant: Plant, lims: MartSamples) -> None:
    ids = [one.sample_id for batch in islice(plant.world.batches, 100) for one in batch.samples]
    asked = [Identity(sample_id=one, batch_id="x") for one in ids]
    assert len(await lims.samples(asked)) == len(ids) > 900
