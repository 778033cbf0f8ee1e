"""Records of a LIMS, JSON or Parquet: rows by the layout of their type, or a reason in words."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cytolake_contracts import ReasonCode
from cytolake_contracts.layouts import group_members
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.tables import parquet_of
from cytolake_ingest_gateway.converter.tabular import Origin, Table
from cytolake_ingest_gateway.converter.testing import declared

DECLARED = declared()
ORIGIN = Origin(ids={"object_id": "o", "run_id": "r", "run_no": 1})
RESULT: dict[str, Any] = {
    "sample_id": "S-1",
    "batch_id": "B-7",
    "coi": "opaque",
    "attribute": "viability",
    "result": "96.90",
    "qualifier": None,
    "unit": "%",
    "state": "verified",
    "tested_at": "2026-01-02T03:04:05+02:00",
    "version": 2,
    "supersedes": 1,
}
AT = "2026-01-02T05:00:00Z"


def event(kind: str = "result.verified", /, **changed: Any) -> dict[str, Any]:
    return {"type": f"lims.{kind}", "timestamp": AT, "data": RESULT | changed}


def outcome(
    body: object, group: str = "lims_canonical", *folders: str
) -> Table | Rejection | Ended:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DECLARED.recorded.table(
        written,
        group_members(DECLARED.shelf.layouts(), group),
        folders=folders,
        source="lims/acme",
        zone=ZoneInfo("Europe/Berlin"),
        origin=ORIGIN,
    )


def rows(body: object, group: str = "lims_canonical", *folders: str) -> list[dict[str, Any]]:
    table = outcome(body, group, *folders)
    assert isinstance(table, Table), table
    assert parquet_of(table.layout.dataset, table.rows).rows == len(table.rows)
    return table.rows


def refused(body: object, group: str = "lims_canonical", *folders: str) -> Rejection:
    fault = outcome(body, group, *folders)
    assert isinstance(fault, Rejection), fault
    return fault


def parquet(**columns: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


ANALYSES: dict[str, object] = {
    "uid": ["u1", "u2"],
    "parent_id": ["SYN-1", "SYN-1"],
    "Keyword": ["viability", "endotoxin"],
    "Result": ["96.9", "0.5"],
    "DetectionLimitOperand": ["", "<"],
    "Unit": ["%", "EU/mL"],
    "review_state": ["unassigned", "verified"],
    "modified": ["2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00.123+0000"],
    "_airbyte_raw_id": ["a", "b"],
    "_airbyte_meta": [{"changes": [1]}, {"changes": [2]}],
}


class TestGood:
    def test_a_result_of_the_canonical_event(self) -> None:
        (row,) = rows(event())
        assert row["value_raw"] == "96.90"
        assert (row["value_num"], row["unit_ucum"], row["value_std"]) == (96.9, "%", 96.9)
        assert (row["attribute"], row["sample_id"], row["state"]) == (
            "viability",
            "S-1",
            "verified",
        )
        assert (row["record_version"], row["supersedes"], row["lims"]) == (2, 1, "acme")
        assert row["tested_at"] == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
        assert row["modified_at"] == datetime(2026, 1, 2, 5, tzinfo=UTC)
        assert row["source_path"] == "record 1/data.result"

    def test_a_list_in_the_event_a_list_of_events_and_one_a_line(self) -> None:
        two = [RESULT, RESULT | {"sample_id": "S-2"}]
        listed = event() | {"data": two}
        events = [event(), event(sample_id="S-2")]
        lines = "\n".join(map(json.dumps, events)).encode()
        for body in (
            listed,
            events,
            lines,
            b"\xef\xbb\xbf" + lines,
            lines.decode().encode("utf-16"),
        ):
            found = rows(body)
            assert [row["sample_id"] for row in found] == ["S-1", "S-2"]
            assert [row["row_no"] for row in found] == [1, 2]
            assert len({row["result_key"] for row in found}) == 2

    def test_a_record_is_of_its_own_time_before_that_of_its_event(self) -> None:
        batches = [{"batch_id": "B1", "coi": "x"}, {"batch_id": "B2", "modified_at": "2026-01-05"}]
        found = rows({"type": "lims.batch.updated", "timestamp": AT, "data": batches})
        assert [row["modified_at"].day for row in found] == [2, 4]  # midnight of the 5th in Berlin
        assert [row["coi_id"] for row in found] == ["x", None]

    @pytest.mark.parametrize(
        ("said", "num", "text", "qualifier"),
        [
            ({"result": "0.05", "qualifier": "<"}, 0.05, "< 0.05", "<"),
            ({"result": "<0.05", "qualifier": "<"}, 0.05, "<0.05", "<"),
            ({"result": 0.05, "qualifier": "≤"}, 0.05, "≤ 0.05", "<="),
            ({"result": 5, "qualifier": "="}, 5.0, None, None),
            ({"result": "", "qualifier": "ND"}, None, "ND", "ND"),
            ({"result": "not detected"}, None, "not detected", "ND"),
            ({"result": "negative to date"}, None, "negative to date", None),
            ({"result": None}, None, None, None),
            ({"result": 1e400}, None, None, None),
            ({"result": -0.0}, 0.0, None, None),
        ],
    )
    def test_a_value_and_its_qualifier(
        self, said: dict[str, Any], num: float | None, text: str | None, qualifier: str | None
    ) -> None:
        (row,) = rows(event(**said))
        assert (row["value_num"], row["value_text"], row["qualifier"]) == (num, text, qualifier)

    def test_a_long_number_that_names_something_keeps_its_end(self) -> None:
        (row,) = rows(event(result_id=12345678901234567890123))
        assert row["result_id"] == "12345678901234567890123"

    def test_what_is_not_read_is_told(self) -> None:
        table = outcome(event(colour={"shade": ["red"]}))
        assert isinstance(table, Table)
        assert table.warnings == ("Columns not read: data.colour.shade.",)
        assert table.unread.examples == ('record 1, data.colour.shade: ["red"]',)

    def test_parquet_of_a_stream(self) -> None:
        first, second = rows(parquet(**ANALYSES), "senaite", "analyses", "2026", "11", "27")
        assert (first["sample_id"], first["value_num"], first["state"]) == (
            "SYN-1",
            96.9,
            "assigned",
        )
        assert (second["qualifier"], second["value_num"], second["result_id"]) == ("<", 0.5, "u2")
        table = outcome(parquet(**ANALYSES), "senaite", "analyses")
        assert isinstance(table, Table)
        assert (table.unread.count, table.added) == (0, ())

    def test_results_that_are_all_still_to_be_tested_have_no_value(self) -> None:
        untested = {
            **{name: values for name, values in ANALYSES.items() if name != "Result"},
            "review_state": ["unassigned", "assigned"],
            "DetectionLimitOperand": ["", ""],
        }
        first, second = rows(parquet(**untested), "senaite", "analyses")
        assert [row["state"] for row in (first, second)] == ["assigned", "assigned"]
        found = {row[name] for row in (first, second) for name in ("value_num", "value_text")}
        assert found == {None}
        told = event("result.assigned", state="assigned")
        del told["data"]["result"]
        (row,) = rows(told)
        assert (row["state"], row["value_num"], row["attribute"]) == ("assigned", None, "viability")

    def test_a_field_that_verified_results_lack_is_missed(self) -> None:
        renamed = {{"Result": "Resultat"}.get(name, name): told for name, told in ANALYSES.items()}
        fault = refused(parquet(**renamed), "senaite", "analyses")
        assert (fault.code, "'Resultat'" in fault.message) == (ReasonCode.MISSING_COLUMN, True)

    def test_where_no_sample_is_ready_the_file_says_what_they_lack(self) -> None:
        samples: dict[str, object] = {"id": ["S-1"], "BatchID": ["B-1"], "modified": [AT]}
        fault = refused(parquet(**samples, DateSampled=[None]), "senaite", "samples")
        assert (fault.code, "without collected_at" in fault.message) == (ReasonCode.NO_ROWS, True)

    def test_a_sample_that_is_not_taken_yet_keeps_no_others_back(self) -> None:
        samples: dict[str, object] = {
            "id": ["S-1", "S-2", "S-3", "S-4"],
            "BatchID": ["B-1", "B-1", "", "B-2"],
            "DateSampled": [AT, None, AT, AT],
            "modified": [AT] * 4,
        }
        table = outcome(parquet(**samples), "senaite", "samples")
        assert isinstance(table, Table)
        assert [(row["row_no"], row["sample_id"]) for row in table.rows] == [(1, "S-1"), (4, "S-4")]
        left_out = "1 record(s) without {} are not ready and are left out; they are read once they"
        assert table.warnings == tuple(
            f"{left_out.format(name)} come with it." for name in ("batch_id", "collected_at")
        )

    def test_pulled_records_of_the_canonical_form(self) -> None:
        plain = {
            **{name: [value] for name, value in RESULT.items() if name != "qualifier"},
            "id": ["7"],
            "updated_at": [AT],
        }
        (row,) = rows(parquet(**plain), "lims_canonical", "result", "2026")
        (told,) = rows(event())
        assert row["modified_at"] == told["modified_at"]
        assert row | {"source_path": None, "result_key": None} == told | {
            "source_path": None,
            "result_key": None,
        }
        fault = refused(parquet(**plain), "lims_canonical", "2026")
        assert (fault.code, "names no stream" in fault.message) == (
            ReasonCode.UNKNOWN_RECORD_TYPE,
            True,
        )

    def test_parquet_of_every_type(self) -> None:
        at = datetime(2026, 3, 21, 16, 56, tzinfo=UTC)
        given = {
            "id": pa.array([7], pa.int64()),
            "BatchID": pa.array(["B-1"]).dictionary_encode(),
            "DateSampled": pa.array([at], pa.timestamp("ns", tz="UTC")),
            "modified": pa.array([at.date()], pa.date32()),
            "x": [{"a": {"b": float("nan")}, "c": b"\xff", "d": [1, None]}],
        }
        (row,) = rows(parquet(**given), "senaite", "samples")
        assert (row["sample_id"], row["batch_id"], row["collected_at"]) == ("7", "B-1", at)
        assert row["modified_at"] == datetime(2026, 3, 20, 23, tzinfo=UTC)
