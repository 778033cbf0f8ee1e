"""The one DuckDB instance of the process: extensions from their wheels, the lake attached once.

It is named, so that dbt and our own statements share it: DuckDB hands out the same instance to
whoever connects to `:memory:cytolake` with the same configuration. dbt-duckdb takes its
configuration, extensions and secret from `Plugin` below (profiles.yml), and finds the lake
attached already.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlsplit

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from cytolake_runtime.lake import salting

INSTANCE = ":memory:cytolake"
# One thread: a build is many small statements, and a second thread cost a fifth more CPU, even for
# thirty files at once.
CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "threads": "1",
    # A build of tens of millions of readings spills to disk instead of growing.
    "memory_limit": "128MB",
    "preserve_insertion_order": "false",
    "temp_directory": str(Path(gettempdir()) / f"cytolake-transformer-{os.getpid()}"),
}
SALT = "CYTOLAKE_IDENTITY_SALT"
STORE_SETTINGS = {
    # Files are sent in parts held in memory: of 80 MB, fifty at once, unless told otherwise. These
    # are of 8 MB (a file has at most 10,000), two at once.
    "s3_uploader_max_filesize": "'80GB'",
    "s3_uploader_thread_limit": "2",
}
FLUSHES = {
    "allocator_flush_threshold": "128MB",
    "allocator_bulk_deallocation_flush_threshold": "512MB",
}
"""How much may be held back by the allocator; DuckDB's defaults."""
SMALL_ROWS = 200_000
EXTENSIONS = ("httpfs", "postgres_scanner", "ducklake")


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where the S3 store is, and as whom we go there; `endpoint` is a URL."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"

    def secret(self) -> str:
        """Return the statement that makes DuckDB's secret for it."""
        url = urlsplit(self.endpoint)
        return (
            "CREATE OR REPLACE SECRET cytolake_store (TYPE s3, PROVIDER config,"
            f" KEY_ID {text(self.access_key)}, SECRET {text(self.secret_key)},"
            f" ENDPOINT {text(url.netloc)}, URL_STYLE 'path',"
            f" USE_SSL {'true' if url.scheme == 'https' else 'false'},"
            f" REGION {text(self.region)})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Which lake: its catalog (`ducklake:postgres:…` or `ducklake:FILE`) and its own files.

    The password is not in `path`: DuckDB repeats the path in its errors.
    """

    path: str
    data_path: str
    schema: str = "ducklake"
    password: str = field(default="", repr=False)
    salt: str = field(default="", repr=False)
    """Of what stands for a chain of identity or a person (dbt: `memory.main.salted_sha256`)."""

    def environment(self) -> dict[str, str]:
        """Return what dbt's profile and libpq read."""
        return {
            "CYTOLAKE_LAKE_CATALOG": self.path,
            "CYTOLAKE_LAKE_DATA_PATH": self.data_path,
            "CYTOLAKE_LAKE_SCHEMA": self.schema,
            SALT: self.salt,
        } | ({"PGPASSWORD": self.password} if self.password else {})

    def attach(self) -> str:
        """Return the statement that attaches it as `lake`.

        Nothing is inlined into the catalog: rows of these tables are deleted (findings, DuckLake).
        """
        return (
            f"ATTACH {text(self.path)} AS lake (DATA_PATH {text(self.data_path)},"
            f" METADATA_SCHEMA {text(self.schema)}, DATA_INLINING_ROW_LIMIT 0)"
        )


def connect(catalog: Catalog, store: Store | None) -> duckdb.DuckDBPyConnection:
    """Open the instance and attach the lake; raise duckdb.Error when either is out of reach."""
    os.environ.update(catalog.environment())
    connection = duckdb.connect(INSTANCE, config=dict(CONFIG))
    prepare(connection)
    if store is not None:
        connection.execute(store.secret())
    detach(connection)  # from an earlier opening: the instance outlives a connection
    connection.execute(catalog.attach())
    return connection


def detach(connection: duckdb.DuckDBPyConnection) -> None:
    """Let go of the lake, for every connection to the instance."""
    connection.execute("DETACH DATABASE IF EXISTS lake")


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the signed extensions from their wheels."""
    for name in EXTENSIONS:
        connection.execute(f"LOAD {text(str(extension(name)))}")
    for setting, value in STORE_SETTINGS.items():
        connection.execute(f"SET GLOBAL {setting} = {value}")
    # A join hands its keys to the scan, and DuckLake passes over files without them: for more than
    # the 50 keys of the default, for a build holds many files.
    connection.execute("SET GLOBAL dynamic_or_filter_threshold = 1000")
    # The salt stands in memory alone: neither in dbt's files nor in the lake.
    connection.execute(salting(os.environ.get(SALT, "")))


def read_as(connection: duckdb.DuckDBPyConnection, *, rows: int) -> None:
    """Choose how a build that takes in so many rows reads from the store.

    Small: its raw files by one GET each instead of a HEAD and a GET; and what is read is kept, for
    several models read the same. Large: in ranges, and nothing is kept, or all of it would be; and
    memory goes back to the system at once, which costs a small build a tenth of its time.
    """
    is_small = rows <= SMALL_ROWS
    connection.execute(f"SET force_download = {is_small}")  # here alone: models read large tables
    connection.execute(f"SET GLOBAL enable_external_file_cache = {is_small}")
    for setting, usual in FLUSHES.items():
        connection.execute(f"SET GLOBAL {setting} = '{usual if is_small else '1MB'}'")


def text(value: str) -> str:
    """Return an SQL text literal."""
    return "'" + value.replace("'", "''") + "'"


def extension(name: str) -> Path:
    """Return the extension's file in its wheel."""
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        message = f"the wheel of DuckDB's extension {name} is not installed"
        raise ModuleNotFoundError(message)
    folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}"
    return folder / f"{name}.duckdb_extension"


class Plugin(BasePlugin):
    """dbt-duckdb's view of this module: the same instance, also when dbt runs by itself."""

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:  # noqa: ANN401
        """Ask for the very configuration that `connect` asks for."""
        del creds
        config.update(CONFIG)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Do as `connect` does; the secret where the environment names a store."""
        prepare(conn)
        endpoint = os.environ.get("CYTOLAKE_S3_ENDPOINT")
        if endpoint:
            conn.execute(_store_of_environment(endpoint).secret())


def _store_of_environment(endpoint: str) -> Store:
    return Store(
        endpoint=endpoint,
        access_key=os.environ.get("CYTOLAKE_S3_ACCESS_KEY", ""),
        secret_key=os.environ.get("CYTOLAKE_S3_SECRET_KEY", ""),
        region=os.environ.get("CYTOLAKE_S3_REGION", "us-east-1"),
    )
