"""Workbooks: damaged, encrypted, hostile, or of something else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from tests.corpus.bad.model import ANY, COUNTER_XR, SAMPLES, BadFile
from tests.e2e.hostile import far_cell_xlsx

CFB = bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of a compound file: an old workbook, or a new one under a password ([MS-CFB])."""
WHOLE = far_cell_xlsx("B2")
PARTS = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml")


def files() -> Iterator[BadFile]:
    """Yield them."""
    for cell in ("XFD1048576", "ZZZ9", "ALL200000", "XFD700"):
        yield _bad(f"one cell at {cell}", far_cell_xlsx(cell), "SHEET_TOO_LARGE")
    for share in range(1, 10):
        yield _bad(f"{share} tenths of it", WHOLE[: len(WHOLE) * share // 10], "TRUNCATED_FILE")
    for part in PARTS:
        yield _bad(f"without {part}", _changed(part, None), "UNREADABLE_BY_VENDOR")
        yield _bad(f"{part} is noise", _changed(part, b"\x00\xff<noise"), "UNREADABLE_BY_VENDOR")
        reason = "XML_ENTITIES" if "worksheets" in part else "UNREADABLE_BY_VENDOR"
        yield _bad(f"{part} with entities", _changed(part, ENTITIES), reason)
    yield _bad("under a password", CFB + bytes(4096), "UNREADABLE_BY_VENDOR")
    yield _bad("a small foreign one", WHOLE, "UNREADABLE_BY_VENDOR")
    yield _bad(
        "a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "TRUNCATED_FILE"
    )
    yield _bad("a picture", b"\x89PNG\r\n\x1a\n" + bytes(200), "TRUNCATED_FILE")
    foreign = {"any.xlsx": ("B2", ANY), "macro.xlsm": ("C3", ANY), "samples.xlsx": ("B2", SAMPLES)}
    for name, (cell, source) in foreign.items():
        body = far_cell_xlsx(cell)
        yield BadFile(f"foreign: {name}", source, f"SYNTHETIC-bad-{name}", body, "UNKNOWN_LAYOUT")


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "lol">]><x>&e;</x>'


def _changed(name: str, body: bytes | None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as whole, zipfile.ZipFile(out, "w") as changed:
        for member in whole.namelist():
            content = body if member == name else whole.read(member)
            if content is not None:
                changed.writestr(zipfile.ZipInfo(member), content)
    return out.getvalue()


def _bad(what: str, body: bytes, reason: str) -> BadFile:
    kept = "".join(letter if letter.isalnum() else "-" for letter in what)
    name = f"SYNTHETIC-bad-book-{kept}.xlsx"
    return BadFile(f"workbook: {what}", COUNTER_XR, name, body, reason)
