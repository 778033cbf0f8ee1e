"""Raw files as the converter writes them, and a small lake to take them in. Synthetic values."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.identity import NAMESPACE, object_id, run_id
from cytolake_transformer.builds import Load
from cytolake_transformer.duck import CONFIG, INSTANCE, Catalog
from cytolake_transformer.handlers import Building
from cytolake_transformer.lake import DuckLake
from cytolake_transformer.models import DbtModels

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt"
CONTRACTS = load_contracts()
FIRST_LANDED = datetime(2026, 11, 1, tzinfo=UTC)
Row = dict[str, Any]
Put = Callable[[str, bytes], str]
"""Store bytes under a key of the lake bucket; return what DuckDB reads them by."""


@dataclass
class RawZone:
    """Writes runs' Parquet files; every run lands a second after the one before."""

    put: Put
    landed: int = field(default=0)

    def counts(self, key: str, values: Sequence[tuple[str, float]], **given: Any) -> Load:
        """Return a run of a cell counter's file: per sample a density and a viability."""
        rows = [row for sample, vcd in values for row in _count(sample, vcd)]
        return self.run("measurement", key, rows, **given)

    def samples(self, key: str, rows: Sequence[tuple[str, str, float]], **given: Any) -> Load:
        """Return a run of a sample list: sample, batch and culture day of each."""
        listed = [
            {"sample_id": s, "batch_id": b, "step": "expand", "culture_day": day, "volume_ml": 50.0}
            for s, b, day in rows
        ]
        return self.run("sample", key, listed, **given)

    def curve(self, key: str, values: Sequence[float], **given: Any) -> Load:
        """Return a run whose one curve has these values."""
        return self.run("point", key, [{"y_value": value} for value in values], **given)

    def run(
        self,
        dataset: str,
        key: str,
        rows: Sequence[Row],
        *,
        seq: int = 1,
        run_no: int = 1,
        rows_said: int | None = None,
    ) -> Load:
        """Write the rows of one run of version `seq` of the file `key`."""
        self.landed += 1
        obj = object_id("inbound", key, f"v{seq}")
        run = run_id(obj, run_no)
        body = _parquet(
            dataset, [_filled(dataset, obj, run, run_no, n, r) for n, r in enumerate(rows)]
        )
        path = self.put(f"raw/{dataset}/{obj}/{run_no}.parquet", body)
        return Load(
            object_id=str(obj),
            run_id=str(run),
            run_no=run_no,
            dataset=dataset,
            bucket="inbound",
            file_key=key,
            object_seq=seq,
            source=key.split("/", maxsplit=1)[0],
            content_sha256=hashlib.sha256(f"{key} {seq}".encode()).hexdigest(),
            landed_at=FIRST_LANDED + timedelta(seconds=self.landed),
            rows=len(rows) if rows_said is None else rows_said,
            warnings=0,
            parquet_path=path,
            site="main",
            announcement=1,
        )


def together(load: Load, other: Load) -> Load:
    """Return one run with the tables of two of the same object."""
    assert load.key == other.key
    return replace(load, others=other.parts)


@dataclass(frozen=True)
class SmallLake:
    """A lake of its own, opened, with dbt's project in it."""

    raw: RawZone
    lake: DuckLake
    models: DbtModels
    path: str = ""

    @property
    def building(self) -> Building:
        return Building(lake=self.lake, models=self.models)

    def empty(self) -> None:
        """Delete every row of every table: as good as a new lake, and quicker.

        The process has one instance of DuckDB: another test's lake may have taken its place there.
        """
        if self.rows("SELECT path FROM duckdb_databases() WHERE database_name = 'lake'") != [
            (self.path,)
        ]:
            self.lake.close()
            self.lake.open()
            self.models.open()
        tables = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake'"
        for schema, table in self.rows(tables):
            self.rows(f'DELETE FROM lake."{schema}"."{table}"')

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the query finds, `lake.<schema>.<table>`."""
        with duckdb.connect(INSTANCE, config=dict(CONFIG)) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def local_lake(folder: Path) -> Iterator[SmallLake]:
    """Open a lake on the local disk, its catalog a DuckDB file: no server."""
    catalog = Catalog(
        path=f"ducklake:{folder / 'lake.ducklake'}", data_path=f"{folder / 'ducklake'}/"
    )

    def put(key: str, body: bytes) -> str:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return str(path)

    lake = DuckLake(catalog, None, CONTRACTS.values())
    lake.open()
    models = DbtModels(DBT_PROJECT, folder / "target", CONTRACTS.values())
    models.open()
    try:
        yield SmallLake(RawZone(put), lake, models, str(folder / "lake.ducklake"))
    finally:
        lake.close()


def _count(sample: str, vcd: float) -> list[Row]:
    common = {"sample_id": sample, "kind": "measured"}
    return [
        common | {"quantity_raw": "viable cell density", "quantity": "vcd", "value_std": vcd},
        common | {"quantity_raw": "viability", "quantity": "viability", "value_std": 90.0},
    ]


def _filled(dataset: str, obj: UUID, run: UUID, run_no: int, number: int, row: Row) -> Row:
    row = {"object_id": str(obj), "run_id": str(run), "run_no": run_no, **row}
    if dataset == "sample":
        return row | {"row_no": number + 1, "collected_at": FIRST_LANDED}
    if dataset == "point":
        return row | _point(obj, number)
    if "row_no" in CONTRACTS[dataset].column_names:
        row = {"row_no": number + 1, **row}
    path = f"$.measurement[{number}]"
    defaults = {
        "measurement_key": hashlib.sha256(f"{obj}\n{path}".encode()).hexdigest(),
        "value_num": row.get("value_std"),
        "measured_at": FIRST_LANDED,
        "time_source": "device",
        "device_id": "SYN-1",
        "is_custom": False,
        "ordinal": number,
        "source_path": path,
        "vendor": "SYNTHETIC",
        "asm_manifest": str(uuid5(NAMESPACE, "manifest")),
        "parser_version": "0",
    }
    return defaults | row


def _point(obj: UUID, number: int) -> Row:
    series = hashlib.sha256(f"{obj}\ncurve\n0".encode()).hexdigest()
    words = dict.fromkeys(("series", "y_concept", "source_path", "parser_version"), "synthetic")
    numbers = {"series_no": 0, "point_no": number, "x_value": float(number), "ordinal": 0}
    return {
        "point_key": f"{series}/{number}",
        "series_key": series,
        "kind": "measured",
        "measured_at": FIRST_LANDED,
        "time_source": "device",
        "vendor": "SYNTHETIC",
        **words,
        **numbers,
    }


def _parquet(dataset: str, rows: Sequence[Row]) -> bytes:
    schema = CONTRACTS[dataset].arrow_schema()
    table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=schema)
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()
