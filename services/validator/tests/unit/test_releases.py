"""Which rows are a batch's, and an export that ends once, whatever is in its way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from cytolake_contracts.datasets import load_contracts
from cytolake_runtime import Retryable
from cytolake_validator.releases.exporting import EvidenceDiffersError, Exporting
from cytolake_validator.releases.slices import (
    File,
    Release,
    files_in,
    folder,
    manifest,
    tables,
    tables_in,
)

RELEASE = Release(
    decision_id="d1",
    batch_id="B1",
    release_no=1,
    snapshot_id=7,
    actor="rita",
    reason="QA",
    decided_at=datetime(2026, 11, 27, 12, tzinfo=UTC),
)
FILE = File(
    "curated.fct_result.parquet", "curated.fct_result", 1, 3, "0" * 64, ("key",), "batch_id"
)


def test_a_table_is_the_batch_s_by_batch_sample_or_product() -> None:
    found = {table.name: table.by for table in tables(load_contracts().values())}
    assert found["mart_batch"] == found["mart_measurement"] == "batch_id"
    assert found["fct_measurement"] == found["mart_point"] == "sample_id"
    assert found["dim_specification"] == "product_code"
    assert found["bridge_batch_material"] == "batch_id", "a view that names the batch"
    assert not found.keys() & {"dim_step", "dim_date", "fct_calibration", "batch", "result"}


def test_what_a_batch_is_called_is_quoted() -> None:
    (table,) = (t for t in tables(load_contracts().values()) if t.name == "mart_batch")
    assert "batch_id = 'B''1'" in table.query("B'1")


def test_a_folder_is_plain_and_no_other_batch_s() -> None:
    assert folder("SYN-B0001") == "SYN-B0001"
    batches = ("a/b", "a_b", "a b", "a_b/", "..", ".hidden", "hidden", "ä", "_")
    made = [folder(batch) for batch in batches]
    assert len(set(made)) == len(batches)
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name) for name in made)


def test_a_manifest_names_its_files_and_says_the_same_again() -> None:
    document = manifest(RELEASE, [FILE], writer="w")
    assert document == manifest(RELEASE, [FILE], writer="w")
    assert files_in(document) == (FILE,)
    assert [(t.schema, t.name, t.keys) for t in tables_in(document)] == [
        ("curated", "fct_result", ("key",))
    ]
    assert json.loads(document)["decided_at"] == "2026-11-27T12:00:00+00:00"


@dataclass
class Desk:
    """All three ports in memory; `fault` is raised for a batch."""

    waiting: list[Release]
    fault: Exception | None = None
    writer: str = "w"
    kept: dict[str, bytes] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    async def pending(self) -> list[Release]:
        return [release for release in self.waiting if release.decision_id not in self.said]

    async def exported(
        self, release: Release, *, manifest_sha256: str, files: Sequence[File]
    ) -> None:
        assert len(files) == 1
        self.said[release.decision_id] = manifest_sha256

    async def write(self, release: Release, folder: Path) -> tuple[File, ...]:
        if self.fault is not None and release.batch_id == "B1":
            raise self.fault
        (folder / FILE.name).write_bytes(b"abc")
        return (replace(FILE, sha256=hashlib.sha256(b"abc").hexdigest()),)

    async def keep(self, key: str, path: Path, *, sha256: str) -> None:
        body = self.kept.setdefault(key, path.read_bytes())  # noqa: ASYNC240 - a test
        if hashlib.sha256(body).hexdigest() != sha256:
            raise EvidenceDiffersError(key)


def exporting(desk: Desk) -> Exporting:
    return Exporting(ledger=desk, slices=desk, evidence=desk)


async def test_a_release_is_exported_once_with_its_manifest_last() -> None:
    desk = Desk([RELEASE])
    await exporting(desk).round()
    assert list(desk.kept) == [
        "releases/B1/1/curated.fct_result.parquet",
        "releases/B1/1/manifest.json",
    ]
    document = desk.kept["releases/B1/1/manifest.json"]
    assert desk.said == {"d1": hashlib.sha256(document).hexdigest()}


async def test_what_a_killed_export_left_is_kept() -> None:
    desk = Desk([RELEASE])
    await exporting(desk).round()
    said = dict(desk.said)
    desk.said.clear()
    await exporting(desk).round()
    assert desk.said == said


async def test_a_fault_that_passes_leaves_it_for_the_next_round() -> None:
    desk = Desk([RELEASE], fault=Retryable("away"))
    await exporting(desk).round()
    assert desk.said == {}
    desk.fault = None
    await exporting(desk).round()
    assert set(desk.said) == {"d1"}


async def test_a_release_that_breaks_does_not_hold_up_its_neighbour() -> None:
    desk = Desk([RELEASE, replace(RELEASE, decision_id="d2", batch_id="B2")], fault=ValueError())
    await exporting(desk).round()
    assert set(desk.said) == {"d2"}


async def test_other_bytes_in_its_place_are_never_called_the_release() -> None:
    desk = Desk([RELEASE], kept={"releases/B1/1/manifest.json": b"other"})
    await exporting(desk).round()
    assert desk.said == {}
