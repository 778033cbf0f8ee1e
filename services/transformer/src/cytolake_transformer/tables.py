"""The raw tables of the lake: those of the dataset contracts, and two of the transformer's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cytolake_contracts.datasets import DatasetContract

OWN_TABLES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "load": {
        "object_id": ("text", "The object version whose rows were loaded."),
        "run_id": ("text", "The run that read it."),
        "run_no": ("integer", "The number of that run."),
        "build_no": ("bigint", "The build that last took it in."),
        "dataset": ("text", "The dataset that its rows belong to."),
        "bucket": ("text", "The bucket of the file."),
        "file_key": ("text", "The file's key in that bucket."),
        "object_seq": ("integer", "The number of the version among those of its key."),
        "source": ("text", "The registered source it came from."),
        "content_sha256": ("text", "sha256 in hex of the file's bytes."),
        "landed_at": ("timestamptz", "When the store took the file in (its LastModified)."),
        "rows": ("bigint", "How many raw rows it has."),
        "warnings": ("integer", "How many rules of the contract it only warns about."),
        "parquet_path": ("text", "The Parquet object that the rows were read from."),
        "site": ("text", "The site it was received at."),
        "announcement": ("integer", "The announcement of the run that was answered."),
        "traceparent": ("text", "The trace of the run."),
        "retracted": ("boolean", "True when no model could be built with its rows."),
        "others": (
            "struct(dataset text, rows bigint, parquet_path text)[]",
            "Further tables of the run, e.g. the points of its curves.",
        ),
    },
    "build": {
        "build_no": ("bigint", "A build whose models are all built."),
        "built_at": ("timestamptz", "When they were."),
    },
    "proof": {
        "proved_at": ("timestamptz", "When all tables were made from scratch to be compared."),
        "made_with": ("text", "Stands for the models and for what else the rows depend on."),
        "as_build": ("bigint", "The build that the changed tables are of; null where none was."),
        "changed": ("text[]", "Tables whose rows were not those of a build from scratch."),
        "announced": ("boolean", "True once the marts were told of it, in a row of its own."),
    },
}
OPTIONAL = {"traceparent", "others", "as_build"}
CATALOG = "__ducklake_metadata_lake"
"""How DuckDB names the database that DuckLake keeps its catalog in."""
DESCRIPTIONS = {
    "load": "one row per run of a file whose rows are in the lake, or were retracted from it",
    "build": "one row per build that is done; a load of any other is work left by a crash",
    "proof": "one row per comparison of the lake with a build of all of it from scratch",
}


RUN = {"object_id", "run_id", "run_no"}
"""The columns of every dataset that must have a value: what else is missing, a person may have let
pass."""
EXISTING = (
    "SELECT table_name, column_name, is_nullable FROM duckdb_columns()"
    " WHERE database_name = 'lake' AND schema_name = 'raw'"
)
"""Asks for what `expansions` wants to know."""


def statements(contracts: Iterable[DatasetContract]) -> list[str]:
    """Return what makes the raw zone where it is not there yet."""
    return ["CREATE SCHEMA IF NOT EXISTS lake.raw"] + [
        _create(table, columns) for table, columns in _tables(contracts)
    ]


def expansions(
    contracts: Iterable[DatasetContract], existing: Iterable[tuple[str, str, bool]]
) -> list[str]:
    """Return what adds the columns that tables of an earlier version lack: null in old rows.

    And what frees columns that once had to have a value: a contract may have dropped them.
    """
    there = {(table, name): nullable for table, name, nullable in existing}
    made, must = [], set()
    for table, columns in _tables(contracts):
        must |= {(table, name) for name, _, required in columns if required}
        made += [
            f'ALTER TABLE lake.raw."{table}" ADD COLUMN "{name}" {kind}'
            for name, kind, _ in columns
            if (table, name) not in there
        ]
    freed = sorted(key for key, nullable in there.items() if not nullable and key not in must)
    return made + [
        f'ALTER TABLE lake.raw."{table}" ALTER COLUMN "{name}" DROP NOT NULL'
        for table, name in freed
    ]


LAST_BUILD = (
    "SELECT coalesce(max(build_no), 0)"
    " FROM (SELECT build_no FROM lake.raw.load UNION ALL SELECT build_no FROM lake.raw.build)"
)
"""Asks for the greatest number that a build has had."""

INLINED = tuple(
    f"CALL lake.set_option('data_inlining_row_limit', 10, schema => 'raw', table_name => '{table}')"
    for table in ("build", "proof")
)
"""Keeps these marks in the catalog itself; they are tiny and never deleted."""


def catalog_indexes(schema: str) -> list[str]:
    """Return what lets PostgreSQL find the files of one table in DuckLake's catalog.

    DuckLake asks for a column's ranges at every scan and makes no index of its own: without these
    each scan reads the ranges of every column of every file that there ever was.
    """
    wanted = {
        "ducklake_file_column_stats": "table_id, column_id",
        "ducklake_data_file": "table_id",
        "ducklake_delete_file": "table_id",
    }
    made = 'CREATE INDEX IF NOT EXISTS {0}_of_table ON "{1}".{0} ({2})'
    return [_in_catalog(made.format(table, schema, columns)) for table, columns in wanted.items()]


PINS = (
    """CREATE TABLE IF NOT EXISTS "{0}".pinned_snapshot (
  snapshot_id bigint PRIMARY KEY REFERENCES "{0}".ducklake_snapshot,
  pinned_at timestamptz NOT NULL DEFAULT clock_timestamp()
)""",
    """COMMENT ON TABLE "{0}".pinned_snapshot IS
  'One row per snapshot of a released batch: it never expires.'""",
    """DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'intake') THEN
  GRANT USAGE ON SCHEMA "{0}" TO intake;
  GRANT SELECT, INSERT ON "{0}".pinned_snapshot TO intake;
END IF; END $$""",
)


def pins(schema: str) -> list[str]:
    """Return what makes the table of snapshots that stay, and lets intake pin those it releases.

    By its foreign key PostgreSQL refuses to remove a pinned snapshot, whoever asks for it and
    whenever, and to pin one that is gone.
    """
    return [_in_catalog(statement.format(schema)) for statement in PINS]


def pinned(schema: str) -> str:
    """Return the query of the numbers of the snapshots that stay."""
    asked = f'SELECT snapshot_id FROM "{schema}".pinned_snapshot'  # noqa: S608 - a setting
    return f"FROM postgres_query('{CATALOG}', '{asked}')"


def _in_catalog(statement: str) -> str:
    quoted = statement.replace("'", "''")
    return f"CALL postgres_execute('{CATALOG}', '{quoted}')"


def _tables(
    contracts: Iterable[DatasetContract],
) -> Iterator[tuple[str, list[tuple[str, str, bool]]]]:
    """Yield each table's name, and name, type and must of its columns."""
    for contract in contracts:
        yield contract.name, [(c.name, c.physical_type, c.name in RUN) for c in contract.columns]
    for name, described in OWN_TABLES.items():
        yield name, [(c, kind, c not in OPTIONAL) for c, (kind, _) in described.items()]


def _create(table: str, columns: Iterable[tuple[str, str, bool]]) -> str:
    lines = ", ".join(
        f'"{name}" {kind}{" NOT NULL" if required else ""}' for name, kind, required in columns
    )
    return f'CREATE TABLE IF NOT EXISTS lake.raw."{table}" ({lines})'
