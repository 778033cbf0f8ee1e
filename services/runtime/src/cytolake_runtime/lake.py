"""The lake to read: a DuckDB of one's own that sees DuckLake's tables as `lake`, read-only.

For who installs `cytolake-runtime[lake]`; the transformer, who writes, has its own way in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from urllib.parse import urlsplit

import duckdb
from psycopg.conninfo import conninfo_to_dict

from cytolake_runtime.settings import ServiceSettings

EXTENSIONS = ("httpfs", "postgres_scanner", "ducklake")
CATALOG_SCHEMA = "ducklake"
SNAPSHOTS = """
SELECT snapshot_id, snapshot_time,
  coalesce(list_contains(changes['tables_inserted_into'], $build), false)
    OR coalesce(list_contains(changes['inlined_insert'], $build), false)
FROM lake.snapshots() ORDER BY snapshot_id
"""


def attached(
    settings: ServiceSettings, *, memory: str, threads: int, snapshot: int | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB that sees the lake, at a snapshot, as `lake`; raises duckdb.Error.

    Its secret `postgres` is good for a further ATTACH of the database that the catalog is in.
    """
    connection = duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        for name in EXTENSIONS:
            connection.execute(f"LOAD {literal(_extension(name))}")
        for statement in _secrets(settings):
            connection.execute(statement)
        connection.execute("SET TimeZone = 'UTC'")
        pinned = "" if snapshot is None else f", SNAPSHOT_VERSION {snapshot}"
        connection.execute(f"ATTACH 'ducklake:catalog' AS lake (READ_ONLY{pinned})")
    except BaseException:
        connection.close()
        raise
    return connection


def snapshots(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, datetime, bool]]:
    """Return number, time and whether a build ended with it of every snapshot, oldest first.

    A build ends with its mark in `raw.build`; a lake without that table is none of ours yet.
    """
    marks = connection.execute(
        "SELECT table_id::text FROM ducklake_table_info('lake') WHERE table_name = 'build'"
    ).fetchone()
    return connection.execute(SNAPSHOTS, {"build": marks[0]}).fetchall() if marks else []


def salting(salt: str) -> str:
    """Return what makes the macro by which staging views hash identities, in memory alone."""
    return (
        "CREATE MACRO IF NOT EXISTS memory.main.salted_sha256(told) AS"
        f" sha256({literal(salt)} || chr(10) || told)"
    )


def literal(text: str) -> str:
    """Return an SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def _extension(name: str) -> str:
    folder = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
    return str(folder / f"{name}.duckdb_extension")


def _secrets(settings: ServiceSettings) -> Iterator[str]:
    """Passwords as secrets: in a connection string they would stand in every error message."""
    s3 = urlsplit(settings.s3_endpoint)
    yield _secret(
        "store",
        TYPE="s3",
        KEY_ID=settings.s3_access_key,
        SECRET=settings.s3_secret_key.get_secret_value(),
        ENDPOINT=s3.netloc,
        URL_STYLE="path",
        USE_SSL=str(s3.scheme == "https").lower(),
        REGION=settings.s3_region,
    )
    dsn = conninfo_to_dict(settings.dsn)
    yield _secret(
        "postgres",
        TYPE="postgres",
        HOST=str(dsn.get("host", "")),
        PORT=str(dsn.get("port", 5432)),
        DATABASE=str(dsn.get("dbname", "")),
        USER=str(dsn.get("user", "")),
        PASSWORD=str(dsn.get("password", "")),
    )
    yield (
        "CREATE SECRET catalog (TYPE ducklake, METADATA_PATH '', "
        f"METADATA_SCHEMA {literal(CATALOG_SCHEMA)}, "
        "METADATA_PARAMETERS MAP {'TYPE': 'postgres', 'SECRET': 'postgres'})"
    )


def _secret(name: str, **options: str) -> str:
    listed = ", ".join(f"{key} {literal(value)}" for key, value in options.items())
    return f"CREATE SECRET {name} ({listed})"
