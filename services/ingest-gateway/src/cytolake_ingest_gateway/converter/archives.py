"""Zip files and the workbooks in them, looked at before anything unpacks them.

A dense reader allocates the rectangle up to the largest cell reference: one cell at
XFD1048576 in a 13 KB workbook asks for hundreds of gigabytes.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.rejection import Rejection, size_in_words

CHUNK_BYTES = 1_048_576
OVERLAP_BYTES = 64  # a reference that straddles two chunks is seen whole in the second
_SHEET = re.compile(r"^xl/worksheets/[^/]+\.xml$")
_REFERENCE = re.compile(rb"""[\s:"']([A-Z]{1,3})([0-9]{1,7})["']""")
_ROW = re.compile(rb"""<row [^>]{0,200}?r=["']([0-9]{1,9})["']""")

MAX_SHEET_COLUMNS = 16_384
"""Column XFD: the last that a sheet can have (ECMA-376)."""
COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of an old workbook, and of a new one under a password ([MS-CFB], 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """How far an archive may unfold."""

    max_members: int = 5_000
    max_unpacked_bytes: int = 500_000_000
    max_ratio: int = 200
    ratio_from_bytes: int = 10_000_000
    """Below this many unpacked bytes a high ratio harms nobody: blanks compress well."""
    max_depth: int = 2
    max_sheet_cells: int = 10_000_000


def archive_fault(body: bytes, limits: ArchiveLimits) -> Rejection | None:
    """Return why this archive may not be unpacked; None when it may."""
    if body.startswith(COMPOUND_FILE):
        return _locked(
            "This workbook is protected by a password, or is an old .xls under another name"
        )
    try:
        return _fault(body, limits, depth=0)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
    ):
        return Rejection(
            ReasonCode.TRUNCATED_FILE,
            "This workbook or zip file is damaged or cut off: its table of contents cannot be "
            "read. Copy the whole file again and drop it once more.",
            "guard",
        )


def _fault(body: bytes, limits: ArchiveLimits, *, depth: int) -> Rejection | None:
    with zipfile.ZipFile(BytesIO(body)) as archive:
        members = archive.infolist()
        if fault := _unfolding_fault(members, len(body), limits):
            return fault
        if any(member.flag_bits & 0x1 for member in members):
            return _locked("This file is protected by a password")
        for member in members:
            if fault := _member_fault(archive, member, limits, depth=depth):
                return fault
    return None


def _unfolding_fault(
    members: list[zipfile.ZipInfo], packed_bytes: int, limits: ArchiveLimits
) -> Rejection | None:
    unpacked = sum(member.file_size for member in members)
    overlapping = sum(member.compress_size for member in members) > packed_bytes
    ratio = unpacked / max(packed_bytes, 1)
    steep = unpacked > limits.ratio_from_bytes and ratio > limits.max_ratio
    if (
        overlapping
        or steep
        or unpacked > limits.max_unpacked_bytes
        or len(members) > limits.max_members
    ):
        return _bomb(
            f"{size_in_words(packed_bytes)} would unfold to {size_in_words(unpacked)} "
            f"in {len(members)} parts"
        )
    return None


def _member_fault(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: ArchiveLimits, *, depth: int
) -> Rejection | None:
    if _SHEET.match(member.filename):
        return _sheet_fault(archive, member, limits)
    with archive.open(member) as content:
        is_zip = content.read(4) == b"PK\x03\x04"
    if not is_zip:
        return None
    if depth + 1 >= limits.max_depth:
        return _bomb(f"zip files lie in zip files, more than {limits.max_depth} deep")
    return _fault(archive.read(member), limits, depth=depth + 1)


def _sheet_fault(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: ArchiveLimits
) -> Rejection | None:
    rows, columns, tail = 1, 1, b""
    with archive.open(member) as content:
        while chunk := content.read(CHUNK_BYTES):
            window = tail + chunk
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                return Rejection(
                    ReasonCode.XML_ENTITIES,
                    "This workbook defines XML entities of its own, which can be used for an "
                    "attack. It is not opened. Ask whoever made the file about it.",
                    "guard",
                )
            for letters, digits in set(_REFERENCE.findall(window)):
                rows, columns = max(rows, int(digits)), max(columns, _column_number(letters))
            rows = max([rows, *map(int, _ROW.findall(window))])
            if rows * columns > limits.max_sheet_cells or columns > MAX_SHEET_COLUMNS:
                return _too_wide(rows, columns)
            tail = window[-OVERLAP_BYTES:]
    return None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _too_wide(rows: int, columns: int) -> Rejection:
    return Rejection(
        ReasonCode.SHEET_TOO_LARGE,
        f"A sheet of this workbook claims {rows:,} rows by {columns:,} columns: a stray cell far "
        "from the data, or a damaged file. Delete the empty rows and columns (or export again) "
        "and drop it once more.",
        "guard",
    )


def _locked(what: str) -> Rejection:
    return Rejection(
        ReasonCode.UNREADABLE_BY_VENDOR,
        f"{what}, so it cannot be read. Export it without a password and drop it once more.",
        "guard",
    )


def _bomb(how: str) -> Rejection:
    return Rejection(
        ReasonCode.ZIP_BOMB,
        f"This archive is not opened: {how}. Instrument exports are not built like that. "
        "Export it again from the instrument, or ask whoever made the file.",
        "guard",
    )
