"""What is refused by its bytes alone, before any parser sees it.

Pure functions over bytes; each returns a Rejection or None. Hostile inputs that these
let through meet the limits of the sandbox.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PureWindowsPath
from xml.parsers import expat  # refuses nothing by itself: DOCTYPE is looked for before it

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.archives import ArchiveLimits, archive_fault
from cytolake_ingest_gateway.converter.rejection import Rejection, size_in_words
from cytolake_ingest_gateway.converter.text import as_utf8, lines_of

AGAIN = "Export it again from the instrument and drop it once more."
MIN_REGULAR_FIELDS = 4
MAX_BLANK_BYTES = 4_096
MAX_COLUMNS = 16_384
"""As many as a sheet of a workbook can have (ECMA-376: column XFD)."""
HEAD_LINES, WIDE_BYTES = 50, 1_000_000
XML_EXTENSIONS = frozenset({"xml", "wsp"})
TABLE_EXTENSIONS = frozenset({"csv", "tsv"})
ARCHIVE_EXTENSIONS = frozenset({"zip", "xlsx", "xlsm"})
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*(\[|\bSYSTEM\b|\bPUBLIC\b)|<!ENTITY\b")
_CUT_OFF = (
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """How much of a file is accepted."""

    max_bytes: int = 200_000_000
    archive: ArchiveLimits = ArchiveLimits()


def extension(name: str) -> str:
    """Return the file's extension in lower case, without the dot."""
    return PureWindowsPath(name).suffix[1:].lower()


def size_fault(size_bytes: int, limits: GuardLimits) -> Rejection | None:
    """Refuse what is empty or too large, before it is read."""
    if size_bytes == 0:
        return Rejection(ReasonCode.EMPTY_FILE, f"This file is empty (0 bytes). {AGAIN}", "guard")
    if size_bytes > limits.max_bytes:
        return Rejection(
            ReasonCode.FILE_TOO_LARGE,
            f"This file has {size_in_words(size_bytes)}; at most "
            f"{size_in_words(limits.max_bytes)} are accepted. Split the export into smaller files.",
            "guard",
        )
    return None


def content_fault(body: bytes, name: str, limits: GuardLimits) -> Rejection | None:
    """Return the first thing that forbids this content to be parsed."""
    faults: Iterable[Rejection | None] = (
        check(body, name, limits) for check in (_blank, _archive, _xml, _json, _wide, _table)
    )
    return next((fault for fault in faults if fault is not None), None)


def _blank(body: bytes, name: str, limits: GuardLimits) -> Rejection | None:
    del name, limits
    if body.strip(b" \t\r\n\0") and (len(body) > MAX_BLANK_BYTES or as_utf8(body).strip()):
        return None
    return Rejection(
        ReasonCode.EMPTY_FILE,
        f"This file holds only blanks ({len(body)} bytes, no values). {AGAIN}",
        "guard",
    )


def _archive(body: bytes, name: str, limits: GuardLimits) -> Rejection | None:
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")) or extension(name) in ARCHIVE_EXTENSIONS:
        return archive_fault(body, limits.archive)
    return None


def _xml(body: bytes, name: str, limits: GuardLimits) -> Rejection | None:
    del limits
    text = as_utf8(body).lstrip()
    if not (text.startswith(b"<") or extension(name) in XML_EXTENSIONS):
        return None
    if _DOCTYPE.search(text):
        return Rejection(
            ReasonCode.XML_ENTITIES,
            "This XML file defines entities of its own (DOCTYPE), which instrument exports do not "
            "need and which can be used for an attack. It is not opened. "
            "Ask whoever made the file, and your IT security, about it.",
            "guard",
        )
    return _xml_cut_off(body) if extension(name) in XML_EXTENSIONS else None


def _xml_cut_off(body: bytes) -> Rejection | None:
    parser = expat.ParserCreate()
    try:
        parser.Parse(body, True)  # noqa: FBT003 - the C function takes no keyword
    except (expat.ExpatError, LookupError, ValueError) as error:
        if getattr(error, "code", None) in _CUT_OFF:
            return _truncated("The file ends in the middle of its XML")
    return None


def _json(body: bytes, name: str, limits: GuardLimits) -> Rejection | None:
    del limits
    text = as_utf8(body).strip()
    if extension(name) != "json" or not text.startswith((b"{", b"[")):
        return None  # what is no JSON at all is told by whoever reads it
    if text.endswith((b"}", b"]")):
        return None
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return _truncated("The file ends in the middle of its JSON")
    return None


def _wide(body: bytes, name: str, limits: GuardLimits) -> Rejection | None:
    """No instrument writes tables wider than a spreadsheet; parsers take minutes over them."""
    del limits
    if extension(name) not in TABLE_EXTENSIONS:
        return None
    for line in body[:WIDE_BYTES].split(b"\n", HEAD_LINES)[:HEAD_LINES]:
        columns = 1 + max(line.count(delimiter) for delimiter in (b",", b";", b"\t"))
        if columns > MAX_COLUMNS:
            return Rejection(
                ReasonCode.SHEET_TOO_LARGE,
                f"This table has {columns:,} columns; at most {MAX_COLUMNS:,} are accepted. "
                "Check that the file is the instrument's own export, with its line ends.",
                "guard",
            )
    return None


def _table(body: bytes, name: str, limits: GuardLimits) -> Rejection | None:
    """A table whose every row is whole but the last, which has no line end, was cut off."""
    del limits
    if extension(name) not in TABLE_EXTENSIONS or body.endswith((b"\n", b"\r", b"\n\0", b"\r\0")):
        return None
    lines = [line for line in lines_of(as_utf8(body)) if line.strip()]
    if len(lines) < 2:  # noqa: PLR2004 - a header and a row
        return None
    delimiter = max((b",", b";", b"\t"), key=lines[0].count)
    counts = [line.count(delimiter) for line in lines]
    regular = len(set(counts[:-1])) == 1 and counts[0] + 1 >= MIN_REGULAR_FIELDS
    if regular and counts[-1] < counts[0]:
        return _truncated(
            f"Its last line has {counts[-1] + 1} of {counts[0] + 1} cells and no line end"
        )
    return None


def _truncated(how: str) -> Rejection:
    return Rejection(
        ReasonCode.TRUNCATED_FILE,
        f"This file is cut off. {how}: the copy or upload was probably interrupted. "
        "Copy the whole file again and drop it once more.",
        "guard",
    )
