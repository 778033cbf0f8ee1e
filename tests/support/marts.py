"""A site of the mart-loader's own: one database, one DuckLake on the object store.

Tests of a module share it; each works on slices of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from itertools import count
from typing import Any, LiteralString
from uuid import uuid4

import duckdb
import psycopg
import pyarrow as pa
from psycopg import sql
from pydantic import SecretStr

from cytolake_contracts import LakeBuilt, MartChange, MartLoaded, SliceSet
from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.adapters.ducklake import DuckLake
from cytolake_mart_loader.adapters.postgres import PostgresMarts
from cytolake_mart_loader.handlers import Lake, MartLoading
from cytolake_mart_loader.settings import MartLoaderSettings
from cytolake_mart_loader.testing import Row, filled, lake_built
from cytolake_runtime.database import Database
from cytolake_runtime.testing import Outbox
from tests.support.stack import Servers

CONTRACTS = {name: found for name, found in load_contracts().items() if found.zone == "mart"}
MART = CONTRACTS["mart_measurement"]
TABLE = "lake.marts.mart_measurement"
BUILDS = count(1)
SCHEMAS: tuple[LiteralString, ...] = (
    "CREATE SCHEMA ducklake AUTHORIZATION transformer",
    "CREATE SCHEMA marts AUTHORIZATION mart_loader",
    "GRANT USAGE ON SCHEMA ducklake TO mart_loader",
    """ALTER DEFAULT PRIVILEGES FOR ROLE transformer IN SCHEMA ducklake
    GRANT SELECT ON TABLES TO mart_loader""",
)


class LakeWriter:
    """What the transformer does to the lake, as much of it as these tests need."""

    def __init__(self, servers: Servers, dsn: str, data_path: str) -> None:
        self.data_path = data_path
        key = servers.stack.blueprint.credentials.s3["transformer"]
        host = servers.stack.blueprint.s3_endpoint.removeprefix("http://")
        self.duck = duckdb.connect()
        for name in ("httpfs", "postgres_scanner", "ducklake"):
            self.duck.execute(f"LOAD '{_extension(name)}'")
        self.duck.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID '{key.access_key}', SECRET '{key.secret_key}', "
            f"ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)"
        )
        self.duck.execute(
            f"ATTACH 'ducklake:postgres:{dsn}' AS lake (METADATA_SCHEMA 'ducklake', "
            f"DATA_PATH '{data_path}', DATA_INLINING_ROW_LIMIT 0)"
        )
        self.duck.execute("CREATE SCHEMA lake.marts")
        for contract in CONTRACTS.values():
            self.duck.register("arriving", contract.arrow_schema().empty_table())
            self.duck.execute(f"CREATE TABLE lake.marts.{contract.name} AS FROM arriving")

    def rebuild(self, ids: list[str], rows: list[Row]) -> int:
        """Replace the slices of mart_measurement; return the snapshot that holds them."""
        self.duck.register("arriving", pa.Table.from_pylist(rows, schema=MART.arrow_schema()))
        listed = ", ".join(f"'{slice_id}'" for slice_id in ids)
        self.duck.execute("BEGIN")
        self.duck.execute(f"DELETE FROM {TABLE} WHERE object_id IN ({listed})")
        self.duck.execute(f"INSERT INTO {TABLE} BY NAME FROM arriving")
        self.duck.execute("COMMIT")
        found = self.duck.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchone()
        assert found is not None
        return int(found[0])

    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.duck.table(TABLE).to_arrow_table().to_pylist()
        return found


@dataclass(frozen=True, slots=True)
class Site:
    """One database with its lake, and connection strings by role."""

    servers: Servers
    database: str
    lake: LakeWriter
    reader: DuckLake

    def dsn(self, role: str) -> str:
        return self.servers.stack.blueprint.dsn(role, database=self.database)

    def ask(self, query: str, *parameters: object, role: str = "mart_loader") -> list[Any]:
        with psycopg.connect(self.dsn(role), autocommit=True) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def values(self, *ids: str) -> dict[str, float]:
        query = "SELECT measurement_key, value_num FROM marts.mart_measurement"
        return dict(self.ask(f"{query} WHERE object_id = ANY(%s)", list(ids)))

    def versions(self, *ids: str) -> dict[str, str]:
        """Return by row which transaction wrote it last."""
        query = "SELECT measurement_key, xmin::text FROM marts.mart_measurement"
        return dict(self.ask(f"{query} WHERE object_id = ANY(%s)", list(ids)))

    @asynccontextmanager
    async def marts(self) -> AsyncIterator[PostgresMarts]:
        database = Database(self.dsn("mart_loader"), max_connections=2)
        await database.open()
        try:
            yield PostgresMarts(database, CONTRACTS.values())
        finally:
            await database.close()

    @asynccontextmanager
    async def loader(self, lake: Lake | None = None) -> AsyncIterator[tuple[MartLoading, Outbox]]:
        """Give a loader as a freshly started process has it, and what it publishes."""
        outbox = Outbox()
        async with self.marts() as marts:
            yield (
                MartLoading(
                    lake=lake or self.reader, marts=marts, contracts=CONTRACTS, publish=outbox
                ),
                outbox,
            )


def _extension(name: str) -> str:
    folder = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
    return str(folder / f"{name}.duckdb_extension")


@contextmanager
def marts_site(servers: Servers) -> Iterator[Site]:
    """Give a fresh site; removed afterwards."""
    database = f"marts_{uuid4().hex[:8]}"
    site = _made(servers, database)
    try:
        yield site
    finally:
        site.lake.duck.close()
        asyncio.run(site.reader.close())
        with psycopg.connect(servers.dsn(), autocommit=True) as admin:
            name = sql.Identifier(database)
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _made(servers: Servers, database: str) -> Site:
    blueprint = servers.stack.blueprint
    with psycopg.connect(servers.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    with psycopg.connect(blueprint.dsn("postgres", database=database)) as admin:
        for statement in SCHEMAS:
            admin.execute(statement)
    dsn = blueprint.dsn("transformer", database=database)
    lake = LakeWriter(servers, dsn, f"s3://lake/ducklake/{database}/")
    as_loader = servers.settings("mart-loader", MartLoaderSettings)
    dsn = blueprint.dsn("mart_loader", database=database)
    reader = DuckLake(as_loader.model_copy(update={"postgres_dsn": SecretStr(dsn)}))
    made = Site(servers, database, lake, reader)

    async def migrate() -> None:
        async with made.marts() as marts:
            await marts.migrate()

    asyncio.run(migrate())
    return made


def row(key: str, of: str, value: float, **values: object) -> Row:
    return filled(MART, measurement_key=f"{of}-{key}", object_id=of, value_num=value, **values)


def new_id() -> str:
    return str(uuid4())


def built(snapshot: int, *ids: str, whole: bool = False) -> LakeBuilt:
    slices = SliceSet(key="object_id", ids=ids, all=whole)
    return lake_built(next(BUILDS), snapshot, {"mart_measurement": slices})


def changes(outbox: Outbox) -> list[MartChange]:
    loaded = [event for event in outbox.events if isinstance(event, MartLoaded)]
    return [event.data.marts["mart_measurement"] for event in loaded]


async def told(site: Site, event: LakeBuilt) -> list[MartChange]:
    async with site.loader() as (loader, outbox):
        await loader.on_lake_built(event)
    return changes(outbox)
