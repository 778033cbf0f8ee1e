"""Releases on the real lake: what was released reads the same after maintenance, and stays."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import psycopg
import pytest

from cytolake.as_of import chosen, snapshots_of
from cytolake.errors import StackError
from cytolake_contracts.datasets import load_contracts
from cytolake_ingest_gateway.intake.adapters import apply_schema
from cytolake_runtime.database import Database
from cytolake_runtime.lake import attached
from cytolake_runtime.store import ObjectStore
from cytolake_transformer.app import catalog_of, store_of
from cytolake_transformer.lake import DuckLake
from cytolake_transformer.models import DbtModels
from cytolake_transformer.settings import TransformerSettings
from cytolake_transformer.upkeep import Upkeep, round_of
from cytolake_validator.checker.settings import CheckerSettings
from cytolake_validator.releases.adapters import BucketEvidence, LakeSlices, PostgresReleases
from cytolake_validator.releases.exporting import Exporting
from cytolake_validator.releases.files import write_files
from cytolake_validator.releases.slices import File, files_in, tables
from tests.support.lake import DBT_PROJECT, RawZone, SmallLake
from tests.support.stack import Servers
from tests.support.star import Lims, Plant

pytestmark = pytest.mark.integration
DECIDE = "SELECT intake.decide(%s, 'release_batch', %s, 'QA', NULL, %s, '{}', NULL, NULL)"
PERSON = """INSERT INTO intake.person (name, roles, added_by) VALUES (%s, '{reviewer}', 'test')
RETURNING name"""
EARLIER = """ALTER TABLE intake.decision
DROP CONSTRAINT decision_names_its_batch, DROP CONSTRAINT decision_action_check,
ADD CONSTRAINT decision_action_check
CHECK (action IN ('replay', 'revalidate', 'release', 'refuse')) NOT VALID"""
BATCH = "B1"
LATER = timedelta(days=31)


@dataclass(frozen=True)
class Site:
    """The lake of the servers, written as the transformer does, and a plant that goes on."""

    servers: Servers
    lake: SmallLake
    plant: Plant
    reviewer: str

    def build(self, *, count: int) -> int:
        """Take in some of the plant's files; return the snapshot."""
        for _ in range(count):
            assert self.lake.building.answer(self.plant.next_loads()).failed == {}
        return self.lake.lake.snapshot()

    def release(self, snapshot: int) -> UUID:
        """Release the batch, in the api's role."""
        decision, scope = uuid4(), json.dumps({"batch": BATCH, "snapshot_id": snapshot})
        with psycopg.connect(self.servers.dsn("api"), autocommit=True) as connection:
            connection.execute(DECIDE, (decision, self.reviewer, scope))
        return decision

    def ask(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.servers.dsn(), autocommit=True) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def files(self, snapshot: int, folder: Path) -> tuple[File, ...]:
        """Write the batch's rows with the checker's rights."""
        folder.mkdir()
        settings = self.servers.settings("checker", CheckerSettings)
        wanted = tables(load_contracts().values())
        return write_files(
            settings, folder, tables=wanted, batch=BATCH, snapshot=snapshot, memory="256MB"
        )

    def upkeep(self) -> Upkeep:
        """Return maintenance as it will be in a month."""
        return Upkeep(
            self.lake.lake,
            schema="ducklake",
            keep=timedelta(days=30),
            keep_files=timedelta(),
            clock=lambda: datetime.now(UTC) + LATER,
        )

    def stored(self) -> int:
        pages = self.servers.s3().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket="lake", Prefix="ducklake/")
        return sum(len(page.get("Contents", ())) for page in found)


@pytest.fixture(scope="module")
def site(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    def put(key: str, body: bytes) -> str:
        servers.s3().put_object(Bucket="lake", Key=key, Body=body)
        return f"s3://lake/{key}"

    contracts = load_contracts().values()
    settings = servers.settings("transformer", TransformerSettings)
    raw = RawZone(put)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", "")  # what opening the lake sets, is undone
        lake = DuckLake(catalog_of(settings), store_of(settings), contracts)
        lake.open()
        models = DbtModels(DBT_PROJECT, tmp_path_factory.mktemp("target"), contracts)
        models.open()
        asyncio.run(_intake_tables(servers))
        reviewer = f"rita-{uuid4().hex[:8]}"
        plant = Plant(Lims(raw), random.Random(3))
        made = Site(servers, SmallLake(raw, lake, models), plant, reviewer)
        person = (
            "INSERT INTO intake.person (name, roles, added_by) VALUES (%s, '{reviewer}', 'test')"
        )
        made.ask(f"{person} RETURNING name", reviewer)
        yield made
        lake.close()


async def _intake_tables(servers: Servers) -> None:
    database = Database(servers.dsn("intake"))
    await database.open()
    await apply_schema(database)
    await database.close()


async def exported(site: Site, decision: UUID) -> tuple[str, str]:
    """Export what waits, as the checker does; return the manifest's key and hash."""
    settings = site.servers.settings("checker", CheckerSettings)
    database, store = Database(settings.dsn, max_connections=1), ObjectStore(settings)
    await database.open()
    exporting = Exporting(
        ledger=PostgresReleases(database),
        slices=LakeSlices(settings),
        evidence=BucketEvidence(store, settings.evidence_bucket),
    )
    await exporting.round()
    await exporting.round()
    await database.close()
    store.close()
    query = "SELECT manifest_key, manifest_sha256 FROM intake.release WHERE decision_id = %s"
    ((key, sha256),) = site.ask(query, decision)
    return str(key), str(sha256)


def maintained(site: Site) -> None:
    with ThreadPoolExecutor(1) as thread:
        asyncio.run(round_of(site.upkeep().steps, thread))


def test_what_was_released_reads_the_same_after_maintenance(site: Site, tmp_path: Path) -> None:
    """Rows deleted, slices built again, files merged, snapshots expired, files removed."""
    released = site.build(count=3)
    decision = site.release(released)
    key, _ = asyncio.run(exported(site, decision))
    kept = site.servers.s3().get_object(Bucket="evidence", Key=key)["Body"].read()
    files = files_in(kept)
    assert {"curated.fct_result", "marts.mart_batch"} <= {file.table for file in files}
    since = site.build(count=3)
    assert site.files(released, tmp_path / "before") == files
    as_it_is = site.files(since, tmp_path / "now")
    assert as_it_is != files

    stored = site.stored()
    maintained(site)
    assert site.stored() < stored
    assert site.files(released, tmp_path / "after") == files
    assert site.files(since, tmp_path / "now after") == as_it_is
    site.build(count=1)
    assert site.files(released, tmp_path / "later") == files
    (snapshots,) = site.ask("SELECT array_agg(snapshot_id) FROM ducklake.ducklake_snapshot")[0]
    assert isinstance(snapshots, list)
    assert released in snapshots
    assert released - 1 not in snapshots
    lake = attached(site.servers.settings("checker", CheckerSettings), memory="64MB", threads=1)
    with pytest.raises(StackError, match="expired"):
        chosen(snapshots_of(lake), released + 1)
    lake.close()


def test_a_released_snapshot_cannot_be_removed_nor_a_removed_one_released(site: Site) -> None:
    """Whoever comes first, and whatever maintenance believes: PostgreSQL itself refuses."""
    gone, pinned = site.lake.lake.snapshot(), site.build(count=1)
    site.release(pinned)
    expire = "CALL ducklake_expire_snapshots('lake', versions => [{}])"
    site.build(count=1)
    with pytest.raises(duckdb.Error, match="pinned_snapshot"):
        site.lake.rows(expire.format(f"{gone}, {pinned}"))
    site.lake.rows(expire.format(gone))
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        site.release(gone)
    counted = "SELECT count(*) FROM intake.decision WHERE actor = %s AND scope @> %s"
    asked = json.dumps({"snapshot_id": gone})
    assert site.ask(counted, site.reviewer, asked) == [(0,)], "no decision without its pin"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ducklake.pinned_snapshot VALUES (0)",
        "DELETE FROM ducklake.pinned_snapshot",
        "UPDATE intake.release_export SET rows = 0",
    ],
)
@pytest.mark.parametrize("role", ["api", "checker", "mart_loader"])
def test_nobody_but_the_decision_pins(site: Site, role: str, statement: str) -> None:
    with (
        psycopg.connect(site.servers.dsn(role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_an_export_is_told_once_and_audited(site: Site) -> None:
    told = "SELECT intake.release_exported(%s, 'k', %s, 1, 1)"
    decision, other = site.release(site.build(count=1)), "1" * 64
    _, sha256 = asyncio.run(exported(site, decision))
    with psycopg.connect(site.servers.dsn("checker"), autocommit=True) as connection:
        connection.execute(told.encode(), [decision, sha256])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(told.encode(), [decision, other])
        with pytest.raises(psycopg.errors.NoDataFound):
            connection.execute(told.encode(), [uuid4(), other])
    with psycopg.connect(site.servers.dsn(), autocommit=True) as superuser:
        for change in (
            "UPDATE intake.release_export SET rows = 0",
            "DELETE FROM intake.release_export",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"):
                superuser.execute(change.encode())


def test_a_ledger_of_an_earlier_version_learns_to_release(site: Site) -> None:
    with psycopg.connect(site.servers.dsn("intake"), autocommit=True) as owner:
        owner.execute(EARLIER)
    snapshot = site.lake.lake.snapshot()
    with pytest.raises(psycopg.errors.CheckViolation):
        site.release(snapshot)
    asyncio.run(_intake_tables(site.servers))
    site.release(snapshot)
