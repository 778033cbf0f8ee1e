"""What is refused by its bytes alone, in words that a scientist reads."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.archives import ArchiveLimits
from cytolake_ingest_gateway.converter.guards import GuardLimits, content_fault, size_fault
from cytolake_ingest_gateway.converter.testing import workbook, zipped

LIMITS = GuardLimits(max_bytes=1_000_000)
TABLE = b"id,a,b,c\n1,2,3,4\n5,6,7,8\n"


def code_of(body: bytes, name: str) -> ReasonCode | None:
    fault = content_fault(body, name, LIMITS)
    return fault.code if fault else None


def test_an_empty_file() -> None:
    fault = size_fault(0, LIMITS)
    assert fault
    assert fault.code == ReasonCode.EMPTY_FILE
    assert fault.message == (
        "This file is empty (0 bytes). Export it again from the instrument and drop it once more."
    )


def test_a_file_too_large() -> None:
    fault = size_fault(2_500_000, LIMITS)
    assert fault
    assert fault.code == ReasonCode.FILE_TOO_LARGE
    assert "2.5 MB" in fault.message


def test_a_file_of_blanks() -> None:
    assert code_of(b" \r\n\t\0\n", "x.csv") == ReasonCode.EMPTY_FILE


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (TABLE, "x.csv"),
        (TABLE.rstrip(), "x.csv"),
        (b"\xff\xfe" + TABLE.decode().encode("utf-16-le"), "x.csv"),
        (b"title\n\nid,a,b,c\n1,2,3,4\nend", "x.csv"),
        (b"<a><b/></a>", "x.wsp"),
        (b"<!DOCTYPE bdfacs><a/>", "x.xml"),
        (b'{"a": 1}\n', "x.json"),
        (b"some text", "x.txt"),
        (b"PK,plate key\n1,2\n", "x.csv"),
        (workbook({"A1": "x", "D96": "y"}, dimension="A1:D96"), "x.xlsx"),
        (zipped({"Result.xml": b"<a/>", "inner.zip": zipped({"a": b"b"})}), "x.zip"),
    ],
)
def test_ordinary_files_pass(body: bytes, name: str) -> None:
    assert code_of(body, name) is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (TABLE[:-4], "x.csv"),
        (b"\xff\xfe" + TABLE[:-4].decode().encode("utf-16-le"), "x.csv"),
        (b"<a><b>1</b><c", "x.wsp"),
        (b"<a><b>1</b>", "x.xml"),
        (b'{"a": [1, 2', "x.json"),
        (workbook({"A1": "x"})[:-40], "x.xlsx"),
        (workbook({"A1": "x"})[: -len(workbook({"A1": "x"})) // 2], "x.xlsx"),
        (b"not a workbook at all", "x.xlsx"),
    ],
)
def test_files_cut_off(body: bytes, name: str) -> None:
    assert code_of(body, name) == ReasonCode.TRUNCATED_FILE


@pytest.mark.parametrize("reference", ["XFD1048576", "A1048576", "XFD5000"])
def test_a_cell_far_out(reference: str) -> None:
    body = workbook({"A1": "x", reference: "y"})
    limits = GuardLimits(archive=ArchiveLimits(max_sheet_cells=1_000_000))
    assert len(body) < 13_000
    fault = content_fault(body, "x.xlsx", limits)
    assert fault
    assert fault.code == ReasonCode.SHEET_TOO_LARGE


def test_a_dimension_far_out() -> None:
    body = workbook({"A1": "x"}, dimension="A1:XFD1048576")
    fault = content_fault(body, "x.xlsx", LIMITS)
    assert fault
    assert fault.code == ReasonCode.SHEET_TOO_LARGE
    assert "1,048,576 rows by 16,384 columns" in fault.message


def test_references_in_single_quotes_count() -> None:
    body = zipped({"xl/worksheets/sheet1.xml": b"<row r='9'><c r='XFD1048576'/></row>"})
    assert code_of(body, "x.xlsx") == ReasonCode.SHEET_TOO_LARGE


def test_a_zip_bomb() -> None:
    assert code_of(zipped({"a": b"\0" * 30_000_000}), "x.zip") == ReasonCode.ZIP_BOMB


def test_a_zip_bomb_under_another_name() -> None:
    assert code_of(zipped({"a": b"\0" * 30_000_000}), "x.csv") == ReasonCode.ZIP_BOMB


def test_a_zip_bomb_within_a_zip() -> None:
    inner = zipped({"a": b"\0" * 30_000_000})
    assert code_of(zipped({"inner.zip": inner}), "x.zip") == ReasonCode.ZIP_BOMB


def test_zips_nested_too_deep() -> None:
    body = b"x"
    for _ in range(4):
        body = zipped({"next.zip": body})
    assert code_of(body, "x.zip") == ReasonCode.ZIP_BOMB


def test_members_that_share_their_bytes() -> None:
    """One compressed stream listed many times unfolds many times."""
    body = zipped({"a": b"\0" * 1_000_000})
    central = body.index(b"PK\x01\x02")
    entry = body[central : body.index(b"PK\x05\x06")]
    many = 40
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, many, many, len(entry) * many, central, 0)
    assert code_of(body[:central] + entry * many + end, "x.zip") == ReasonCode.ZIP_BOMB


def test_a_password() -> None:
    body = bytearray(zipped({"a": b"b"}))
    body[6] |= 1
    body[body.index(b"PK\x01\x02") + 8] |= 1
    fault = content_fault(bytes(body), "x.xlsx", LIMITS)
    assert fault
    assert "password" in fault.message


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    b'<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;">]><lolz>&lol2;</lolz>'
)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (LAUGHS, "x.wsp"),
        (LAUGHS, "x.txt"),
        (b"\xff\xfe" + LAUGHS.decode().encode("utf-16-le"), "x.xml"),
        (b"<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "x.xml"),
        (workbook({"A1": "x"}, prolog="<!DOCTYPE a [<!ENTITY b 'c'>]>"), "x.xlsx"),
    ],
)
def test_xml_with_entities_of_its_own(body: bytes, name: str) -> None:
    assert code_of(body, name) == ReasonCode.XML_ENTITIES


def test_no_guard_falls_over_random_bytes() -> None:
    """The first bytes of each kind, then noise."""
    noise = bytes(range(256)) * 8
    for head in (b"PK\x03\x04", b"PK\x05\x06", b"<", b"\xff\xfe", b"{", b"\xd0\xcf\x11\xe0"):
        for name in ("x.csv", "x.xlsx", "x.xml", "x.json", "x", "x.zip", "x.wsp"):
            content_fault(BytesIO(head + noise).getvalue(), name, LIMITS)
