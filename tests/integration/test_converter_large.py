"""Large files through the real DuckDB child: rows, faults in words, memory that stays flat."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cytolake.synthetic.process import process_csv
from cytolake_contracts import ReasonCode
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layouts import load_layouts
from cytolake_ingest_gateway.converter.large.feed import HEAD_BYTES
from cytolake_ingest_gateway.converter.large.reader import Budget
from cytolake_ingest_gateway.converter.large.streamed import Read, Request, read_large
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.testing import landed

pytestmark = pytest.mark.integration
LAYOUTS = load_layouts()
IDS = {"object_id": "o", "run_id": "r", "run_no": 1}
HEAD = "time,batch,unit operation,tag,value,unit\n"
LINE = "2026-03-01 10:00:00,SYNTHETIC-1,BR,pH.PV,7.1,pH\n"
GROWTH, SLACK_KIB = 1.1, 48 * 1024


def read(
    chunks: Iterable[bytes], folder: Path, layout: str, *, sha256: str | None = None, **budget: Any
) -> Read | Rejection:
    whole = list(chunks)
    digest = hashlib.sha256(b"".join(whole)).hexdigest()
    file = landed(b"", name="x.csv", timezone="Europe/Berlin").data.file

    def stream(each: Callable[[bytes], None]) -> None:
        for chunk in whole:
            each(chunk)

    return read_large(
        Request(
            file=file.model_copy(update={"content_sha256": sha256 or digest}),
            layout=LAYOUTS[layout],
            ids=IDS,
            folder=folder,
            stream=stream,
            progressed=list[int]().append,
            budget=Budget(**budget),
        )
    )


def rows(text: str, folder: Path, layout: str, encoding: str = "utf-8") -> list[dict[str, Any]]:
    found = read([text.encode(encoding)], folder, layout)
    assert isinstance(found, Read), found
    table = pq.read_table(found.path)
    contract = load_contracts()["process_reading"]
    assert table.schema.equals(contract.arrow_schema())
    assert table.schema.metadata[b"cytolake.contract"].decode() == contract.reference
    return list(table.to_pylist())


def test_a_long_table_is_one_reading_a_row(tmp_path: Path) -> None:
    text = HEAD + LINE + "2026-07-01 10:00:00,B,BR,T,-0.0,furlong\n2026-07-01 10:00,B,BR,S,Feed,\n"
    first, second, third = rows(text, tmp_path, "process_long")
    assert first["measured_at"] == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert (first["value_num"], first["unit_raw"], first["unit_ucum"]) == (7.1, "pH", "[pH]")
    assert str(second["value_num"]) == "0.0"
    assert (second["unit_ucum"], second["measured_at"].hour) == (None, 8)
    assert (third["value_num"], third["value_text"], third["unit_raw"]) == (None, "Feed", None)
    assert [row["row_no"] for row in (first, second, third)] == [1, 2, 3]


def test_tags_stand_in_the_header_of_a_wide_table(tmp_path: Path) -> None:
    text = (
        "Batch ID;SYNTHETIC-7\n\nTimestamp;Duration;Unit 1.pH1.PV [pH];Unit 2.T.PV [°C]\n"
        "01.03.2026 10:00:00;0;7,1;37,0\n01.03.2026 10:00:05;5;;36,9\n"
    )
    found = rows(text, tmp_path, "dasware_like", "cp1252")
    told = [
        (row["unit_operation"], row["tag"], row["value_num"], row["unit_ucum"]) for row in found
    ]
    assert told == [
        ("Unit 1", "pH1.PV", 7.1, "[pH]"),
        ("Unit 2", "T.PV", 37.0, "Cel"),
        ("Unit 2", "T.PV", 36.9, "Cel"),
    ]
    assert {row["batch_id"] for row in found} == {"SYNTHETIC-7"}


def test_quantities_stand_in_columns_of_a_table_by_vessel(tmp_path: Path) -> None:
    text = (
        "Vessel,Time,Batch,pH,DO [%]\nCS1-1,2026-03-01T10:00:00Z,SYNTHETIC-1,7.0,40\n"
        "CS1-2,2026-03-01T10:00:00+02:00,SYNTHETIC-1,7.1,\n"
    )
    found = rows(text, tmp_path, "ambr_like", "utf-16")
    assert [(row["unit_operation"], row["tag"], row["measured_at"].hour) for row in found] == [
        ("CS1-1", "ph", 10),
        ("CS1-1", "dissolved_oxygen", 10),
        ("CS1-2", "ph", 8),
    ]


def test_a_text_far_below_numbers_is_kept(tmp_path: Path) -> None:
    many = LINE * (HEAD_BYTES // len(LINE) + 10)
    found = rows(HEAD + many + LINE.replace("7.1", "Inoculated"), tmp_path, "process_long")
    assert found[-1]["value_text"] == "Inoculated"
    assert {row["value_num"] for row in found[:-1]} == {7.1}


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (
            HEAD + LINE + LINE.replace("-01 ", "-32 "),
            ReasonCode.BAD_CELL,
            "Line 3 of the file, col",
        ),
        (HEAD + LINE + "2026-03-01 10:00,B\n", ReasonCode.BAD_CELL, "has 2 cells, but the header"),
        (HEAD + LINE + "2026-03-01 10:0", ReasonCode.TRUNCATED_FILE, "cut off"),
        (HEAD + LINE.replace("pH\n", "p\udcffH\n"), ReasonCode.UNREADABLE_TEXT, "not UTF-8"),
        (HEAD.replace("value", "worth") + LINE, ReasonCode.MISSING_COLUMN, "no column value"),
        (HEAD, ReasonCode.NO_ROWS, "no rows"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(
    body: str, code: ReasonCode, words: str, tmp_path: Path
) -> None:
    deep = HEAD + LINE * (HEAD_BYTES // len(LINE) + 10) if "\udcff" in body else ""
    text = deep + body.removeprefix(HEAD) if deep else body
    found = read([text.encode("utf-8", "surrogateescape")], tmp_path, "process_long")
    assert isinstance(found, Rejection), found
    assert found.code is code
    assert words in found.message


def test_other_bytes_than_registered_are_not_used(tmp_path: Path) -> None:
    found = read([(HEAD + LINE).encode()], tmp_path, "process_long", sha256="0" * 64)
    assert isinstance(found, Rejection)
    assert found.code is ReasonCode.CONTENT_CHANGED


def test_time_and_memory_are_bounded(tmp_path: Path) -> None:
    late = read(process_csv(5_000_000), tmp_path, "process_long", wall_seconds=0.01)
    assert isinstance(late, Rejection)
    assert late.code is ReasonCode.PARSER_TIMEOUT


@pytest.mark.slow
def test_three_times_the_file_takes_no_more_memory_and_gives_the_same_bytes(tmp_path: Path) -> None:
    small, large, again = (
        read(process_csv(size), _made(tmp_path / name), "process_long")
        for name, size in (("small", 20_000_000), ("large", 60_000_000), ("again", 60_000_000))
    )
    assert isinstance(small, Read)
    assert isinstance(large, Read)
    assert isinstance(again, Read)
    assert large.is_confined
    assert large.rows > 2.9 * small.rows
    assert large.sha256 == again.sha256
    assert large.peak_kib <= GROWTH * small.peak_kib + SLACK_KIB
    assert large.peak_kib <= 512 * 1024


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
