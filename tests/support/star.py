"""Records of a LIMS as the converter writes them, and a small plant's worth of them. Synthetic."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cytolake_transformer.builds import Load
from tests.support.lake import RawZone, Row

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAR = {
    "curated.dim_product": "product_code",
    "curated.dim_batch": "batch_id, version_no",
    "curated.dim_sample": "sample_id",
    "curated.dim_site": "site",
    "curated.dim_specification": "spec_key",
    "curated.fct_result": "object_id, row_no",
    "curated.fct_batch_step": "batch_id, step",
    "curated.fct_batch_event": "batch_id, event",
    "curated.fct_quality_event": "event_id",
    "curated.fct_calibration": "device_id, calibrated_at",
    "marts.mart_batch": "batch_id",
    "marts.mart_result": "object_id, row_no",
    "marts.mart_batch_step": "batch_id, step",
    "marts.mart_batch_event": "batch_id, event",
    "marts.mart_quality_event": "event_id",
    "marts.mart_specification": "spec_key",
}
"""Tables of the star and what their rows are ordered by."""


def at(day: float) -> datetime:
    """Return a time so many days after the first."""
    return NOON + timedelta(days=day)


@dataclass
class Lims:
    """Writes files of a LIMS's records."""

    raw: RawZone
    files: int = 0

    def tell(self, dataset: str, *records: Row, key: str | None = None, **where: Any) -> Load:
        """Return a run of a file of records: of its own, unless `key` names one."""
        self.files += 1
        key = key or f"lims/syn/{dataset}/{self.files}.json"
        if dataset == "result":
            records = tuple(_result(key, n, record) for n, record in enumerate(records))
        rows = [{"lims": "lims/syn", **record} for record in records]
        return self.raw.run(dataset, key, rows, **where)


def _result(key: str, number: int, record: Row) -> Row:
    return {
        "result_key": hashlib.sha256(f"{key} {number}".encode()).hexdigest(),
        "attribute_raw": record["attribute"],
        "value_std": record.get("value_num"),
        "source_path": f"$[{number}]",
        "layout": "lims_result",
        **record,
    }


@dataclass
class Plant:
    """Draws what may happen next to a few products, batches, samples and instruments."""

    lims: Lims
    dice: random.Random
    told: list[Load] = field(default_factory=list)

    def next_loads(self) -> list[Load]:
        if not self.told:  # one record of every kind, so that no table stays empty
            self.told = [self.lims.tell(name, draw(self)) for name, draw in DRAWN.items()]
            return list(self.told)
        drawn = [self._next() for _ in range(self.dice.choice([1, 2, 4, 8, 16]))]
        loads = list({load.key: load for load in drawn}.values())
        self.told += loads
        return loads

    def _next(self) -> Load:
        if self.told and self.dice.random() < 0.1:
            return self.dice.choice(self.told)
        dataset = self.dice.choice([*DRAWN, "result", "result", "sample", "batch"])
        records = [DRAWN[dataset](self) | self._version() for _ in range(self.dice.randint(0, 3))]
        if self.dice.random() < 0.3:  # a file that is written again, in any order of its versions
            key = f"pulled/{dataset}.{self.dice.randint(1, 2)}.parquet"
            seq, run_no = self.dice.randint(1, 3), self.dice.choice([1, 1, 2])
            return self.lims.tell(dataset, *records, key=key, seq=seq, run_no=run_no)
        return self.lims.tell(dataset, *records)

    def _version(self) -> Row:
        version = self.dice.choice([None, 1, 2, 3])
        return {
            "record_version": version,
            "modified_at": at(version or 0) if self.dice.random() < 0.7 else None,
        }

    def one(self, letter: str, most: int) -> str:
        return f"{letter}{self.dice.randint(1, most)}"

    def product(self) -> Row:
        name = self.dice.choice(["old", "new"])
        return {"product_code": self.one("P", 2), "name": name, "modality": "car_t"}

    def batch(self) -> Row:
        return {
            "batch_id": self.one("B", 4),
            "product_code": self.one("P", 2),
            "coi_id": self.one("COI", 2),
            "site": self.one("site", 2),
            "status": self.dice.choice(["in_process", "released"]),
        }

    def sample(self) -> Row:
        return {
            "sample_id": self.one("S", 6),
            "batch_id": self.one("B", 4),
            "step": self.dice.choice(["release", "harvest"]),
            "collected_at": at(0),
        }

    def result(self) -> Row:
        return {
            "sample_id": self.one("S", 6),
            "batch_id": self.dice.choice([None, self.one("B", 4)]),
            "attribute": self.dice.choice(["viability", "vcn"]),
            "result_id": self.dice.choice([None, self.one("R", 8)]),
            "value_num": self.dice.choice([2.0, 4.0, 70.0, 90.0]),
            "qualifier": self.dice.choice([None, None, "<"]),
            "state": "verified",
            "device_id": self.one("D", 3),
            "tested_at": at(self.dice.randint(0, 20)),
        }

    def specification(self) -> Row:
        return {
            "product_code": self.one("P", 2),
            "attribute": self.dice.choice(["viability", "vcn"]),
            "stage": self.dice.choice(["release", "harvest"]),
            "spec_version": self.dice.randint(1, 2),
            "lower": self.dice.choice([None, 3.0, 80.0]),
            "upper": self.dice.choice([None, 5.0, 100.0]),
            "valid_from": at(self.dice.randint(0, 10)),
        }

    def batch_step(self) -> Row:
        return {
            "batch_id": self.one("B", 4),
            "step": self.one("step", 3),
            "seq": self.dice.randint(1, 3),
            "started_at": at(self.dice.randint(0, 5)),
            "ended_at": at(self.dice.randint(4, 9)),
            "operator": self.one("u", 2),
        }

    def batch_event(self) -> Row:
        event = self.dice.choice(["apheresis", "release", "infusion"])
        return {"batch_id": self.one("B", 4), "event": event, "occurred_at": at(3)}

    def quality_event(self) -> Row:
        batch = self.dice.choice([None, self.one("B", 4)])
        return {"event_id": self.one("Q", 5), "kind": "deviation", "batch_id": batch}

    def instrument(self) -> Row:
        zone = self.dice.choice(["Europe/Berlin", "Asia/Tokyo", "Mars/Olympus"])
        return {"device_id": self.one("D", 3), "site": self.one("site", 2), "timezone": zone}

    def calibration(self) -> Row:
        day = self.dice.randint(0, 9)
        outcome = self.dice.choice(["passed", "failed"])
        return {
            "device_id": self.one("D", 3),
            "calibrated_at": at(day),
            "due_at": at(day + 5),
            "outcome": outcome,
        }


DRAWN = {
    name: getattr(Plant, name)
    for name in (
        *("product", "batch", "sample", "result", "specification", "batch_step"),
        *("batch_event", "quality_event", "instrument", "calibration"),
    )
}
"""Datasets and how a record of each is drawn."""
