"""The floor: one plain script that does the pipeline's whole work on one file.

GET, parse with allotropy in this warm process, flatten, Parquet into the store, every rule
of the contract in one DuckDB select, COPY, upsert, commit. No events, no other process, no
sandbox, no lake, no history: what is left is the work itself, on the same machine.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from cytolake.bench_floor_rules import broken_rules_query
from cytolake.blueprint import Blueprint
from cytolake.provision.buckets import admin_client
from cytolake.synthetic import SyntheticFile
from cytolake_contracts.datasets import load_contracts, postgres_ddl
from cytolake_contracts.identity import object_id, run_id
from cytolake_ingest_gateway.converter.flatten import Origin, flatten
from cytolake_ingest_gateway.converter.tables import parquet_of
from cytolake_ingest_gateway.converter.times import Moment

BUCKET, SCHEMA, DATASET = "lake", "bench_floor", "measurement"


class BareScript:
    """Everything open and warm, as a script in a loop would have it."""

    def __init__(self, blueprint: Blueprint) -> None:
        # Late: allotropy takes seconds to import, and only a bench needs it in this process.
        from allotropy.parser_factory import Vendor  # noqa: PLC0415
        from allotropy.to_allotrope import allotrope_from_io  # noqa: PLC0415

        self._vendors: Any = Vendor
        self._parse: Any = allotrope_from_io
        self._s3 = admin_client(blueprint)
        self._duck = duckdb.connect()
        self._contract = load_contracts()[DATASET]
        self._postgres = psycopg.connect(blueprint.dsn("postgres"))
        self._postgres.execute(f"drop schema if exists {SCHEMA} cascade; create schema {SCHEMA}")
        self._postgres.execute(postgres_ddl(self._contract, SCHEMA).encode())
        self._postgres.execute(f"alter table {SCHEMA}.{DATASET} add unique (measurement_key)")
        self._postgres.commit()

    def passage(self, file: SyntheticFile) -> float:
        """Put the file, then do the work on it; return the seconds of the work alone."""
        key = f"bench-floor/{file.name}"
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=file.body)
        began = time.monotonic()
        table = self._converted(file, self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        self._require_whole(table)
        self._upsert(table)
        return time.monotonic() - began

    def close(self) -> None:
        """Leave nothing behind."""
        self._postgres.rollback()
        self._postgres.execute(f"drop schema if exists {SCHEMA} cascade")
        self._postgres.commit()
        self._postgres.close()
        with suppress(Exception):
            left = self._s3.list_objects_v2(Bucket=BUCKET, Prefix="bench-floor/")
            for one in left.get("Contents", []):
                self._s3.delete_object(Bucket=BUCKET, Key=one["Key"])

    def _converted(self, file: SyntheticFile, body: bytes) -> pa.Table:
        vendor = self._vendors[file.source.vendor]
        asm = self._parse(BytesIO(body), file.name, vendor, encoding="chardet")
        identity = object_id(BUCKET, file.name, "floor")
        zone = ZoneInfo(file.source.timezone)
        origin = Origin(
            object_id=str(identity),
            run_id=str(run_id(identity, 1)),
            run_no=1,
            vendor=vendor.name,
            parser_version="floor",
            otherwise_at=Moment(datetime.now(zone), "received"),
        )
        parquet = parquet_of(DATASET, flatten(asm, origin, zone).rows)
        self._s3.put_object(Bucket=BUCKET, Key=f"bench-floor/{identity}", Body=parquet.body)
        return pq.read_table(BytesIO(parquet.body))

    def _require_whole(self, measured: pa.Table) -> None:
        self._duck.register("measured", measured)
        broken = self._duck.execute(broken_rules_query(self._contract, "measured")).fetchone()
        if broken is None or any(broken):
            raise ValueError(f"the floor's file breaks its contract: {broken}")

    def _upsert(self, measured: pa.Table) -> None:
        names = ", ".join(self._contract.column_names)
        assigned = ", ".join(f"{n} = excluded.{n}" for n in self._contract.column_names)
        with self._postgres.transaction(), self._postgres.cursor() as cursor:
            cursor.execute(f"create temp table arrived (like {SCHEMA}.{DATASET}) on commit drop")
            with cursor.copy(f"copy arrived ({names}) from stdin") as copy:
                for row in measured.select(self._contract.column_names).to_pylist():
                    copy.write_row(list(row.values()))
            cursor.execute(
                f"insert into {SCHEMA}.{DATASET} ({names}) select {names} from arrived"  # noqa: S608
                f" on conflict (measurement_key) do update set {assigned}"
            )
