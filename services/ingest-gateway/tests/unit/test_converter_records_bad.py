"""Records of a LIMS, JSON or Parquet: rows by the layout of their type, or a reason in words."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytolake_contracts import ReasonCode
from cytolake_contracts.layouts import group_members
from cytolake_ingest_gateway.converter import json_documents
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

DEEP: Any = "leaf"
for _ in range(40):
    DEEP = {"n": DEEP}


class TestBad:
    @pytest.mark.parametrize(
        ("body", "code", "words"),
        [
            (b"<!DOCTYPE html><html>Login", ReasonCode.UNREADABLE_TEXT, "login page"),
            (b"sample_id,batch_id\n1,2\n", ReasonCode.UNREADABLE_TEXT, "line 1, column 1"),
            (b"\xff\xfe\xff", ReasonCode.UNREADABLE_TEXT, "UTF-8"),
            (b'{"type": "lims.result.x", "da', ReasonCode.TRUNCATED_FILE, "cut off"),
            (b'{"a": 1}\n{"a": ', ReasonCode.TRUNCATED_FILE, "cut off"),
            (b'{"a": 1, "a": 2}', ReasonCode.BAD_CELL, "'a' stands twice"),
            (b"[" * 200_000, ReasonCode.BAD_CELL, "nested deeper"),
            (event(deep=DEEP), ReasonCode.BAD_CELL, "nested more than 32"),
            ([event(), 5], ReasonCode.BAD_CELL, "Record 2"),
            (b"[]", ReasonCode.NO_ROWS, "empty"),
            (event() | {"data": []}, ReasonCode.NO_ROWS, "'data' is an empty list"),
            (event() | {"data": "S-1"}, ReasonCode.BAD_CELL, "an object, or a list of objects"),
            (event() | {"data": {}}, ReasonCode.MISSING_COLUMN, "data.sample_id"),
            (event() | {"data.a": 1, "data": {"a": 1}}, ReasonCode.BAD_CELL, "two values"),
            (event(**{"x" * 300: 1}), ReasonCode.BAD_CELL, "more than 200 letters"),
            (event(**{f"k{n}": n for n in range(3000)}), ReasonCode.BAD_CELL, "3,0"),
            (event(version="second"), ReasonCode.BAD_CELL, "record_version: 'second'"),
            (event(version=1.5), ReasonCode.BAD_CELL, "Record 1"),
            (event(result="1,5"), ReasonCode.BAD_CELL, "'1,5' is not a number"),
            (event(result="<1", qualifier=">"), ReasonCode.BAD_CELL, "contradict"),
            (event(tested_at=1767323045), ReasonCode.BAD_CELL, "is not a time"),
            (event(is_invalidated="perhaps"), ReasonCode.BAD_CELL, "yes or no"),
            (event("colour.made"), ReasonCode.UNKNOWN_RECORD_TYPE, "'lims.colour.made'"),
            ({"colour": "red"}, ReasonCode.UNKNOWN_RECORD_TYPE, "do not say of which type"),
            ([event(), event("batch.x")], ReasonCode.UNKNOWN_RECORD_TYPE, "several types"),
            ([event(), {"data": {}}], ReasonCode.UNKNOWN_RECORD_TYPE, "and none"),
            (
                {"message": {"type": "v2.assayRun.created", "resourceId": "run-1"}},
                ReasonCode.UNKNOWN_RECORD_TYPE,
                "names it ('run-1'): that is to be fetched",
            ),
        ],
    )
    def test_is_refused_in_words(self, body: object, code: ReasonCode, words: str) -> None:
        fault = refused(body)
        assert (fault.code, words in fault.message) == (code, True), fault
        assert fault.message.endswith(".")

    def test_the_known_types_are_told_and_that_it_is_kept(self) -> None:
        fault = refused(event("colour.made"))
        assert "lims.result.*" in fault.message
        assert "kept as it is" in fault.message
        assert fault.stage == "recognise"

    @pytest.mark.parametrize(
        ("folders", "words"),
        [(("clients", "2026"), "of the stream 'clients'"), (("2026", "11"), "names no stream")],
    )
    def test_a_stream_that_no_layout_reads(self, folders: tuple[str, ...], words: str) -> None:
        fault = refused(parquet(**ANALYSES), "senaite", *folders)
        assert (fault.code, words in fault.message) == (ReasonCode.UNKNOWN_RECORD_TYPE, True)

    def test_a_file_of_another_kind(self) -> None:
        fault = refused(event(), "senaite", "analyses")
        assert (fault.code, "no parquet" in fault.message) == (ReasonCode.UNREADABLE_TEXT, True)

    def test_a_source_of_one_layout_needs_no_stream_in_the_key(self) -> None:
        assert len(rows(parquet(**ANALYSES), "senaite_analyses")) == 2
        assert refused(event("batch.x"), "lims_result").code is ReasonCode.UNKNOWN_RECORD_TYPE

    def test_two_layouts_for_one_type_are_not_chosen_between(self, tmp_path: Path) -> None:
        mine = (
            "layout: mine\ntitle: mine\ndataset: batch\nfile: {kind: json}\n"
            "group: lims_canonical\nwhen: {field: type, is: [lims.batch.*]}\nrecords: data\n"
            "columns:\n  - {name: batch_id, headers: [data.batch_id], must: true}\n"
        )
        (tmp_path / "mine.layout.yaml").write_text(mine)
        own = declared(tmp_path)
        fault = own.recorded.table(
            json.dumps(event("batch.made")).encode(),
            group_members(own.shelf.layouts(), "lims_canonical"),
            folders=(),
            source="lims/acme",
            zone=ZoneInfo("UTC"),
            origin=ORIGIN,
        )
        assert isinstance(fault, Rejection)
        assert "lims_batch and mine" in fault.message

    def test_a_billion_values(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(json_documents, "MAX_VALUES", 100)
        assert refused([event()] * 100).code is ReasonCode.FILE_TOO_LARGE
        assert refused(b" " * 20_000_001).code is ReasonCode.FILE_TOO_LARGE

    @pytest.mark.parametrize("cut", [4, 100, -9, -1])
    def test_cut_parquet(self, cut: int) -> None:
        ended = outcome(parquet(**ANALYSES)[:cut], "senaite", "analyses")
        assert isinstance(ended, Ended)
        assert (ended.outcome, ended.code) == ("rejected", "parse/UNREADABLE_TEXT")
        assert str(ended.message).startswith("This file could not be read as Parquet: ")

    def test_empty_parquet(self) -> None:
        none = {name: pa.array([], pa.string()) for name in ANALYSES}
        assert refused(parquet(**none), "senaite", "analyses").code is ReasonCode.NO_ROWS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*RESULT, "data", "type", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


class TestAnything:
    @given(body=st.binary(max_size=200))
    @settings(deadline=None, max_examples=200)
    def test_any_bytes(self, body: bytes) -> None:
        found = outcome(body)
        assert isinstance(found, Rejection | Ended)

    @given(data=JSON, kind=st.sampled_from(["result", "batch", "specification", "x"]))
    @settings(deadline=None, max_examples=200)
    def test_any_json(self, data: object, kind: str) -> None:
        for body in (data, {"type": f"lims.{kind}.made", "data": data}):
            found = outcome(json.dumps(body).encode())
            if isinstance(found, Table):
                assert parquet_of(found.layout.dataset, found.rows).rows == len(found.rows)
            else:
                assert isinstance(found, Rejection)

    @given(changed=st.dictionaries(st.sampled_from(list(RESULT)), JSON, max_size=3))
    @settings(deadline=None, max_examples=200)
    def test_any_record(self, changed: dict[str, object]) -> None:
        found = outcome(event(**changed))
        if isinstance(found, Table):
            assert parquet_of("result", found.rows).rows == len(found.rows) == 1
