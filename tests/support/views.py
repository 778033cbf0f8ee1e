"""The views over the marts, built by dbt in a stack's PostgreSQL, and literal rows under them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.adapters.postgres import PostgresMarts
from cytolake_mart_loader.testing import filled
from cytolake_runtime.database import Database
from tests.support.lake import DBT_PROJECT
from tests.support.stack import Servers

MARTS = {name: found for name, found in load_contracts().items() if found.zone == "mart"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Views:
    """Puts rows into marts as their owner, reads views as who may only read."""

    servers: Servers

    def put(self, mart: str, *rows: Row) -> None:
        """Insert rows of a mart: what is not given is null, or neutral where it must be told."""
        contract = MARTS[mart]
        unique = [c.name for c in contract.columns if c.primary_key]
        made = [filled(contract, **{key: uuid4().hex for key in unique} | row) for row in rows]
        columns = sql.SQL(", ").join(map(sql.Identifier, contract.column_names))
        marks = sql.SQL(", ").join(sql.Placeholder() * len(contract.column_names))
        statement = sql.SQL("INSERT INTO marts.{} ({}) VALUES ({})").format(
            sql.Identifier(mart), columns, marks
        )
        values = [[row[name] for name in contract.column_names] for row in made]
        with psycopg.connect(self.servers.dsn("mart_loader")) as owner:
            owner.cursor().executemany(statement, values)

    def figures(self, view: str, *columns: str, **where: object) -> list[tuple[Any, ...]]:
        """Return these columns of the rows of a view, ordered by all of them."""
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        conditions = sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
            for name, value in where.items()
        )
        query = sql.SQL("SELECT {} FROM marts.{} WHERE {} ORDER BY {}").format(
            names, sql.Identifier(view), conditions, names
        )
        with psycopg.connect(self.servers.dsn("reader")) as reader:
            return reader.execute(query).fetchall()

    def rows(self, query: str, *, role: str = "reader") -> list[Row]:
        with psycopg.connect(self.servers.dsn(role), row_factory=dict_row) as connection:
            return connection.execute(query.encode()).fetchall()


def prepare(servers: Servers, folder: Path) -> Views:
    """Make the ledger's tables, the marts and the views, each as its owner does."""
    ledger = files("cytolake_ingest_gateway.intake") / "schema.sql"
    with psycopg.connect(servers.dsn("intake"), autocommit=True) as intake:
        intake.execute(ledger.read_text(encoding="utf-8").encode())
    asyncio.run(_migrate(servers))
    dbt_build(servers, folder)
    return Views(servers)


async def _migrate(servers: Servers) -> None:
    database = Database(servers.dsn("mart_loader"), max_connections=2)
    await database.open()
    try:
        await PostgresMarts(database, MARTS.values()).migrate()
    finally:
        await database.close()


def dbt_build(servers: Servers, target: Path) -> None:
    """Build and test target `marts` as the stack does: `dbt build` by the role dbt_marts."""
    told = psycopg.conninfo.conninfo_to_dict(servers.dsn("dbt_marts"))
    environment = {
        f"CYTOLAKE_DBT_MARTS_{name.upper()}": str(told[name])
        for name in ("host", "port", "user", "password", "dbname")
    }
    subprocess.run(
        [
            *(sys.executable, "-m", "cytolake_transformer.dbt_cli", "build"),
            *("--target", "marts", "--target-path", str(target), "--log-path", str(target)),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        ],
        env={**os.environ, **environment},
        check=True,
    )
