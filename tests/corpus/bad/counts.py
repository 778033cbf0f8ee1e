"""Exports of a cell counter, gone wrong in every way that text can."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from zoneinfo import ZoneInfo

from cytolake.synthetic import grow
from cytolake.synthetic.vicell_blu import HEADER, vicell_blu
from tests.corpus.bad.model import ANY, COUNTER, BadFile

POINTS = grow(11, number=91).points[:4]
WHOLE = vicell_blu(POINTS, timezone=ZoneInfo("UTC"))
ROWS = list(csv.reader(StringIO(WHOLE.decode())))
PLACE = {name: place for place, name in enumerate(HEADER)}
NEEDED = ("Sample ID", "Viable (x10^6) cells/mL", "Viability (%)", "Analysis date/time")
IMPLAUSIBLE = {
    "Viability (%)": ("-1", "101", "9.5e3", "100.01"),
    "Viable (x10^6) cells/mL": ("-2", "-0.5"),
    "Total (x10^6) cells/mL": ("-2",),
}
FOREIGN = {
    "another table": b"a,b\r\n1,2\r\n",
    "prose": b"Dear colleague, please find attached the counts of day three.\r\n" * 3,
    "a shell script": b"#!/bin/sh\nrm -rf /\n",
    "a JSON document": b'{"counts": [1, 2, 3]}\n',
    "a web page": b"<html><body>503 Service Unavailable</body></html>\n",
    "formulas": b'=HYPERLINK("http://127.0.0.1"),=1+1\r\n+1,@SUM(1)\r\n',
    "SQL": b"'; DROP TABLE marts.mart_measurement; --,1\r\n1,2\r\n",
    "only delimiters": b",,,,,,\r\n,,,,,,\r\n",
    "control characters": b"\x01\x02\x03,\x04\r\n\x05,\x06\r\n",
}


def files() -> Iterator[BadFile]:
    """Yield them."""
    yield from _empty()
    yield from _cut()
    yield from _columns()
    yield from _values()
    for what, body in FOREIGN.items():
        yield _bad(f"{what} from a counter", body, "UNREADABLE_BY_VENDOR")
        yield BadFile(f"{what} from anywhere", ANY, _named(what), body, "UNKNOWN_LAYOUT")


def _empty() -> Iterator[BadFile]:
    blanks = {
        "no byte": b"",
        "a byte order mark": b"\xef\xbb\xbf",
        "line ends": b"\r\n" * 9,
        "blanks": b" \t " * 50,
        "NULs": bytes(512),
        "UTF-16 blanks": "\ufeff \r\n".encode("utf-16-le"),
    }
    for what, body in blanks.items():
        yield _bad(f"nothing but {what}", body, "EMPTY_FILE")


def _cut() -> Iterator[BadFile]:
    last = WHOLE.rstrip().rfind(b"\n") + 1
    cells = WHOLE[last:].count(b",")
    for kept in range(1, cells, 3):
        at = last
        for _ in range(kept):
            at = WHOLE.index(b",", at) + 1
        yield _bad(f"cut off in cell {kept + 1}", WHOLE[: at + 1], "TRUNCATED_FILE")


def _columns() -> Iterator[BadFile]:
    for name in NEEDED:
        lacking = [[cell for place, cell in enumerate(row) if place != PLACE[name]] for row in ROWS]
        yield _bad(f"without {name}", _text(lacking), "UNREADABLE_BY_VENDOR")
        renamed = [[f"My {cell}" if cell == name else cell for cell in row] for row in ROWS]
        yield _bad(f"{name} renamed", _text(renamed), "UNREADABLE_BY_VENDOR")
    yield _bad("header only", _text(ROWS[:1]), "NO_ROWS")
    yield _bad("rows only", _text(ROWS[1:]), "UNREADABLE_BY_VENDOR")
    yield _bad("turned by a quarter", _text(zip(*ROWS, strict=True)), "UNREADABLE_BY_VENDOR")
    yield _bad("a million columns", b",".join(b"c" for _ in range(1_000_000)) + b"\r\n1\r\n",
               "SHEET_TOO_LARGE")  # fmt: skip
    yield _bad("a line of 30 MB", b"x" * 30_000_000 + b",1\r\n", "UNREADABLE_BY_VENDOR")


def _values() -> Iterator[BadFile]:
    for name, values in IMPLAUSIBLE.items():
        for value in values:
            yield _bad(f"{name} is {value}", _with(name, value), "CONTRACT_VIOLATION")
    for value in ("3/22/1985 10:00", "3/22/2150 10:00"):
        yield _bad(f"analysed {value}", _with("Analysis date/time", value), "CONTRACT_VIOLATION")
    for value in ("31/31/2026 10:00", "yesterday", "2026-13-01"):
        yield _bad(f"analysed {value}", _with("Analysis date/time", value), "UNREADABLE_BY_VENDOR")
    viable, share = "Viable (x10^6) cells/mL", "Cell count"
    swapped = [list(row) for row in ROWS]
    for row in swapped[1:]:
        a, b = PLACE["Viability (%)"], PLACE[share]
        row[a], row[b] = row[b], row[a]
    yield _bad("viability and count swapped", _text(swapped), "CONTRACT_VIOLATION")
    for name in ("Viability (%)", viable):
        yield _bad(f"{name} is prose", _with(name, "a lot"), "UNREADABLE_BY_VENDOR")


def _with(name: str, value: str) -> bytes:
    """Return the export with another value in the first row."""
    rows = [list(row) for row in ROWS]
    rows[1][PLACE[name]] = value
    return _text(rows)


def _text(rows: object) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue().encode()


def _bad(what: str, body: bytes, reason: str) -> BadFile:
    return BadFile(what, COUNTER, _named(what), body, reason)


def _named(what: str) -> str:
    kept = "".join(letter if letter.isalnum() else "-" for letter in what)
    return f"SYNTHETIC-bad-{kept}.csv"
