"""The parts of the way of a large file: its bytes, its news, its folder, and words for faults."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from cytolake_contracts import ReasonCode
from cytolake_contracts.layouts import load_layouts
from cytolake_ingest_gateway.converter.headers import LayoutMismatchError
from cytolake_ingest_gateway.converter.large.feed import HEAD_BYTES, Feed
from cytolake_ingest_gateway.converter.large.plan import plan_of
from cytolake_ingest_gateway.converter.large.progress import MAX_TOLD, Progress
from cytolake_ingest_gateway.converter.large.words import Reject, once_each, rejection_of
from cytolake_ingest_gateway.converter.large.workfolder import WorkFolder

RUN = UUID(int=1)
LONG = "time,batch,unit operation,tag,value,unit\n2026-03-01 10:00,B,U,T,37,°C\n"


def fed(body: bytes, *, chunk: int, encoding: str | None = None) -> tuple[bytes, Feed, list[str]]:
    out, heads = bytearray(), list[str]()
    feed = Feed(heads.append, out.extend, encoding)
    for start in range(0, len(body), chunk):
        feed.take(body[start : start + chunk])
    feed.end()
    return bytes(out), feed, heads


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("chunk", [3, 100_000])
def test_a_file_is_handed_on_as_utf8_whatever_its_chunks(encoding: str, chunk: int) -> None:
    text = "tëmp °C;1\n" * 2_000
    body = text.encode(encoding)
    out, feed, heads = fed(body, chunk=chunk)
    assert out.decode().removeprefix("\ufeff") == text
    assert feed.sha256 == hashlib.sha256(body).hexdigest()
    assert heads == [text]


def test_the_head_of_a_long_file_is_whole_lines() -> None:
    body = b"a,b\n" + b"1,2\n" * HEAD_BYTES
    out, feed, (head,) = fed(body, chunk=1 << 20)
    assert out == body
    assert feed.done_bytes == len(body)
    assert head.endswith("2\n")
    assert len(head) >= HEAD_BYTES - 4


@pytest.mark.parametrize("body", [b"PK\x03\x04\0\0\0rest", b"a,b\n\0\0\0"])
def test_what_is_no_text_is_told(body: bytes) -> None:
    with pytest.raises(LayoutMismatchError) as fault:
        fed(body, chunk=10)
    assert fault.value.rejection.code is ReasonCode.UNREADABLE_TEXT


def test_news_come_every_twentieth_or_five_seconds_and_are_never_many() -> None:
    steady = Progress(1000)
    assert [n for n in range(1001) if steady.is_due(n, 0.001 * n)] == list(range(50, 1001, 50))
    slow = Progress(10**9)
    times = [at for at in range(4000) if slow.is_due(at + 1, float(at))]
    assert times[:3] == [5, 10, 15]
    endless = Progress(10**6)
    assert sum(endless.is_due(n, n * 6.0) for n in range(1, 10**5)) <= MAX_TOLD - 1
    assert endless.is_due(10**6, 0.0)


def test_a_place_is_gone_with_its_work_and_what_a_kill_left_at_the_next_start(
    tmp_path: Path,
) -> None:
    work = WorkFolder(tmp_path / "work")
    with work.place(RUN) as place:
        (place / "table.parquet").write_bytes(b"x")
        assert work.clean() == 0  # somebody works there
        assert place.exists()
    assert list(work.folder.iterdir()) == []
    killed = (
        "import os,sys; from uuid import UUID; from pathlib import Path;"
        "from cytolake_ingest_gateway.converter.large.workfolder import WorkFolder;"
        "place = WorkFolder(Path(sys.argv[1])).place(UUID(int=1)); place.__enter__();"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(work.folder)], check=False)
    assert len(list(work.folder.iterdir())) == 1
    assert work.clean() == 1
    assert list(work.folder.iterdir()) == []


def test_wrong_cells_are_named_by_line_and_column() -> None:
    plan = plan_of(LONG, load_layouts()["process_long"], ZoneInfo("UTC"))
    short = "2026-03-01 10:00,B,U,T"
    rejects = once_each(
        [
            Reject(3, 1, "CAST", "\n31.02.2026,B,U,T,1,x"),
            *(Reject(4, column, "MISSING COLUMNS", short) for column in (5, 6)),
            *(Reject(line, 1, "CAST", "x,,,,,") for line in range(10, 20)),
        ]
    )
    rejection = rejection_of(plan, rejects, ends_whole=True)
    assert rejection.code is ReasonCode.BAD_CELL
    assert "Line 3 of the file, column time: '31.02.2026' is not a time" in rejection.message
    assert "Line 4 of the file has 4 cells, but the header has 6" in rejection.message
    assert "and 7 more" in rejection.message


@pytest.mark.parametrize(
    ("kind", "ends_whole", "code"),
    [
        ("MISSING COLUMNS", False, ReasonCode.TRUNCATED_FILE),
        ("MISSING COLUMNS", True, ReasonCode.BAD_CELL),
        ("INVALID ENCODING", True, ReasonCode.UNREADABLE_TEXT),
        ("UNQUOTED VALUE", True, ReasonCode.BAD_CELL),
    ],
)
def test_each_fault_has_its_reason(kind: str, *, ends_whole: bool, code: ReasonCode) -> None:
    plan = plan_of(LONG, load_layouts()["process_long"], ZoneInfo("UTC"))
    rejects = (Reject(9, 2, kind, "2026-03-01 10:00,B"),)
    assert rejection_of(plan, rejects, ends_whole=ends_whole).code is code
