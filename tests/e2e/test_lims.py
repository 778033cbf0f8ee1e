"""What a LIMS says, all the way: events and pulled records to raw tables in the lake and a mart."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.e2e.site import Site
from tests.e2e.test_commands import cytolake, told
from tests.e2e.test_tutorial import ROOT, performed, script

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def raw(site: Site, query: str) -> list[dict[str, Any]]:
    """Ask the lake as it is now."""
    rows: list[dict[str, Any]] = told(site, "as-of", datetime.now(UTC).isoformat(), query)["rows"]
    return rows


def lims(site: Site, layout: str) -> str:
    """Register a LIMS; return its name."""
    name = f"lims/lab{uuid4().hex[:8]}"
    added = cytolake(site, "source", "add", name, "--layout", layout, "--timezone", "Europe/Berlin")
    assert added.returncode == 0, added.stderr
    return name


def event(what: str, data: object) -> bytes:
    return json.dumps(
        {"type": f"lims.{what}", "timestamp": "2026-03-12T10:00:00Z", "data": data}
    ).encode()


@pytest.mark.timeout(600)
def test_events_by_the_commands_of_the_how_to(site: Site, tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    performed(
        script("how-to/read-records-of-a-lims.md", undone=""), site.stack.home.root, cwd=tmp_path
    )
    histories = told(site, "files", "--source", "lims/acme", "--state", "loaded")
    assert len(histories) == 3
    batches = raw(
        site,
        "select batch_id, status, coi_id, record_version, lims, modified_at::varchar as at"
        " from raw.batch where batch_id like 'SYN-LIMS-%' order by batch_id",
    )
    assert [(row["batch_id"], row["status"], row["record_version"]) for row in batches] == [
        ("SYN-LIMS-B1", "in_process", 2),
        ("SYN-LIMS-B2", "planned", 1),
    ]
    assert {(row["lims"], row["at"][:19]) for row in batches} == {("acme", "2026-03-01 08:00:00")}
    results = site.select(
        "select batch_id, attribute, value_num, qualifier, unit_ucum, source_path"
        " from marts.mart_result where sample_id = 'SYN-LIMS-B1-D10' order by attribute desc"
    )
    first = ("SYN-LIMS-B1", "viability", 96.9, None, "%", "record 1/data.result")
    second = ("SYN-LIMS-B1", "endotoxin", 0.05, "<", "{EU}/mL", "record 2/data.result")
    assert [tuple(row.values()) for row in results] == [first, second]


@pytest.mark.timeout(600)
def test_records_that_airbyte_pulled_and_what_is_not_read(site: Site) -> None:
    name = lims(site, "senaite")
    at = "2026-03-11T09:30:00+00:00"
    analyses = {
        "uid": ["u1"], "parent_id": [f"{name}-S1"], "Keyword": ["viability"], "Result": ["96.9"],
        "Unit": ["%"], "review_state": ["verified"], "modified": [at], "_airbyte_raw_id": ["r"],
    }  # fmt: skip
    samples = {"id": [f"{name}-S1"] * 2 + [f"{name}-S2"], "BatchID": ["B-1", "B-2", "B-1"],
               "DateSampled": [at, at, None],
               "modified": [at, "2026-03-12T00:00:00Z", at]}  # fmt: skip
    keys = {
        "analyses": site.put_key(f"{name}/analyses/2026/03/11/1_a.parquet", parquet(analyses)),
        "samples": site.put_key(f"{name}/samples/2026/03/11/1_b.parquet", parquet(samples)),
        "clients": site.put_key(f"{name}/clients/2026/03/11/1_c.parquet", parquet({"uid": ["c"]})),
        "damaged": site.put_key(f"{name}/analyses/2026/03/11/1_d.parquet", parquet(samples)[:-20]),
        "login": site.put_key(f"{name}/analyses/2026/03/11/1_e.parquet", b"<html>Login</html>"),
    }
    ends = site.until(keys.values())
    states = {what: (ends[key].state, ends[key].reason_code) for what, key in keys.items()}
    assert states == {
        "analyses": ("loaded", None),
        "samples": ("loaded", None),
        "clients": ("rejected", "UNKNOWN_RECORD_TYPE"),
        "damaged": ("rejected", "UNREADABLE_TEXT"),
        "login": ("rejected", "UNREADABLE_TEXT"),
    }
    assert "of the stream 'clients'" in str(ends[keys["clients"]].message)
    (row,) = raw(site, f"select value_num, result_id from raw.result where sample_id = '{name}-S1'")
    assert (row["value_num"], row["result_id"]) == (96.9, "u1")
    versions = raw(site, f"select batch_id from raw.sample where sample_id = '{name}-S1'")
    assert len(versions) == 2
    told = site.gateway.history(keys["samples"])["runs"][0]["events"]
    assert any("1 record(s) without collected_at are not ready" in one["message"] for one in told)


@pytest.mark.timeout(600)
def test_bad_events_end_in_words_and_hold_up_nobody(site: Site) -> None:
    name = lims(site, "lims_canonical")
    bodies = {
        "unknown": event("colour.made", {"a": 1}),
        "thin": json.dumps(
            {"message": {"type": "v2.assayRun.created", "resourceId": "r"}}
        ).encode(),
        "wrong type": event("batch.made", {"batch_id": "B", "version": "second"}),
        "wrong value": event("batch.made", {"batch_id": "B", "status": "cooking"}),
        "deep": b'{"data":' * 5000 + b"1" + b"}" * 5000,
        "good": event("batch.made", {"batch_id": f"{name}-B"}),
    }
    keys = {
        what: site.put_key(f"{name}/2026/03/12/{number}.json", body)
        for number, (what, body) in enumerate(bodies.items())
    }
    ends = site.until(keys.values())
    assert {what: (ends[key].state, ends[key].reason_code) for what, key in keys.items()} == {
        "unknown": ("rejected", "UNKNOWN_RECORD_TYPE"),
        "thin": ("rejected", "UNKNOWN_RECORD_TYPE"),
        "wrong type": ("rejected", "BAD_CELL"),
        "wrong value": ("quarantined", "CONTRACT_VIOLATION"),
        "deep": ("rejected", "BAD_CELL"),
        "good": ("loaded", None),
    }


def parquet(columns: Mapping[str, object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), out)
    return out.getvalue()
