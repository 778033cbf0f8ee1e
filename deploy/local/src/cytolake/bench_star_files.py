"""A synthetic batch as raw Parquet files: what the converter would have written of its records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cytolake.synthetic.plant.batch_records import batch_records
from cytolake.synthetic.plant.catalogue import ORIGIN
from cytolake.synthetic.plant.model import Batch, World
from cytolake.synthetic.plant.record import Record
from cytolake.synthetic.plant.records import records_of
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.identity import object_id, run_id
from cytolake_ingest_gateway.converter.units import unit_of
from cytolake_transformer.builds import Load

SHARED = ("product", "instrument", "calibration", "specification", "material_lot")
COUNTED = (("viable cell density", "vcd", "10*6/mL"), ("viability", "viability", "%"))
CENSORS = "<>"
Row = Mapping[str, Any]


@dataclass
class StarFiles:
    """Writes files below a folder: one a dataset and batch, and one a counted sample."""

    folder: Path
    seed: int
    written: int = field(default=0)

    def shared(self, world: World) -> list[Load]:
        """Return the files of what all batches share."""
        told = (one for one in records_of(world) if one.entity in SHARED)
        return [*self._of_records(told, "shared")]

    def batch(self, batch: Batch, name: str) -> list[Load]:
        """Return the files of a batch, under the given name: its ids say it too."""
        records = self._of_records(batch_records(batch, self.seed), name, was=batch.batch_id)
        return [*records, *self._counts(batch, name)]

    def _of_records(
        self, records: Iterable[Record], name: str, was: str | None = None
    ) -> Iterator[Load]:
        rows: dict[str, list[Row]] = {}
        for one in records:
            listed = one.data.get("listed", [one.data])
            rows.setdefault(one.entity, []).extend(_renamed(row, was, name) for row in listed)
        for dataset, found in rows.items():
            told = [_result(row) for row in found] if dataset == "result" else found
            yield self._file(dataset, f"lims/bench/{dataset}/{name}.json", told)

    def _counts(self, batch: Batch, name: str) -> Iterator[Load]:
        for sample in batch.samples:
            if sample.vcd is not None:
                sample_id = sample.sample_id.replace(batch.batch_id, name)
                common = {"sample_id": sample_id, "measured_at": sample.collected_at}
                values = (sample.vcd, sample.viability)
                rows = [
                    {**common, **_count(ordinal, value)}
                    for ordinal, value in enumerate(values)
                    if value is not None
                ]
                yield self._file("measurement", f"bench-counter/{sample_id}.csv", rows)

    def _file(self, dataset: str, key: str, rows: Sequence[Row]) -> Load:
        self.written += 1
        made = object_id("inbound", key, "v1")
        run = run_id(made, 1)
        ids = {"object_id": str(made), "run_id": str(run), "run_no": 1}
        path = self.folder / f"{dataset}-{made}.parquet"
        filled = [
            {
                **ids,
                "row_no": number,
                "lims": "lims/bench",
                **_keyed(dataset, str(made), number, row),
            }
            for number, row in enumerate(rows, start=1)
        ]
        pq.write_table(_table(dataset, filled), path)
        return Load(
            object_id=str(made),
            run_id=str(run),
            run_no=1,
            dataset=dataset,
            bucket="inbound",
            file_key=key,
            object_seq=1,
            source=key.split("/", maxsplit=1)[0],
            content_sha256=hashlib.sha256(key.encode()).hexdigest(),
            landed_at=ORIGIN + timedelta(seconds=self.written),
            rows=len(rows),
            warnings=0,
            parquet_path=str(path),
            site="main",
            announcement=1,
        )


def _renamed(row: Row, was: str | None, name: str) -> Row:
    if was is None:
        return row
    return {k: v.replace(was, name) if isinstance(v, str) else v for k, v in row.items()}


def _result(row: Row) -> Row:
    """Return a result as the converter reads it: the number apart from its qualifier."""
    raw = str(row["result"])
    bare = raw.lstrip(CENSORS)
    try:
        value = float(bare)
    except ValueError:
        value = None
    unit = unit_of(row.get("unit"))
    return {
        **row,
        "attribute_raw": row["attribute"],
        "value_raw": raw,
        "value_num": value,
        "value_std": value,
        "value_text": raw if value is None else None,
        "qualifier": raw[0] if bare != raw else None,
        "unit_raw": row.get("unit"),
        "unit_ucum": unit.ucum if unit else None,
        "layout": "lims_result",
    }


def _count(ordinal: int, value: float) -> Row:
    raw, quantity, unit = COUNTED[ordinal]
    return {
        "kind": "measured",
        "time_source": "device",
        "quantity_raw": raw,
        "quantity": quantity,
        "value_num": value,
        "value_std": value,
        "unit_raw": unit,
        "unit_ucum": unit,
        "is_custom": False,
        "ordinal": ordinal,
        "vendor": "SYNTHETIC",
        "device_id": "SYN-COUNTER",
    }


def _keyed(dataset: str, made: str, number: int, row: Row) -> Row:
    if dataset not in ("result", "measurement"):
        return row
    place = {"source_path": f"$[{number}]", "parser_version": "bench"}
    key = hashlib.sha256(f"{made}\n{number}".encode()).hexdigest()
    return {**row, **place, f"{dataset}_key": key}


def _table(dataset: str, rows: Sequence[Row]) -> pa.Table:
    schema = _SCHEMAS[dataset]
    times = {one.name for one in schema if pa.types.is_timestamp(one.type)}
    columns = {
        name: [_moment(row.get(name)) if name in times else row.get(name) for row in rows]
        for name in schema.names
    }
    return pa.table(columns, schema=schema)


def _moment(value: object) -> object:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


_SCHEMAS = {
    name: contract.arrow_schema()
    for name, contract in load_contracts().items()
    if contract.zone == "raw"
}
