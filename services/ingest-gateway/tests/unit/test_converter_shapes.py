"""A file's shape: its headers without its values; and what a source's new shape is told as."""

from __future__ import annotations

import json

import pytest

from cytolake_contracts import (
    FileConverted,
    FileDrifted,
    FileLanded,
    FileQuarantined,
    FileRejected,
    KnownShape,
)
from cytolake_ingest_gateway.converter.convert import Converter
from cytolake_ingest_gateway.converter.drift import MANY_SHAPES
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.handlers import Conversion
from cytolake_ingest_gateway.converter.sandbox.child import Request, canonical_json
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.shapes import Shape, shape_of
from cytolake_ingest_gateway.converter.testing import (
    MemoryFiles,
    declared,
    landed,
    workbook,
    zipped,
)
from cytolake_runtime.testing import Outbox

TABLE = b"Sample ID,Viability (%),Date\nS-1,96.9,3/21/2022 16:56\nS-2,95,3/22/2022 10:00\n"
SECTIONS = (
    b"Operator;Anna\nDate: 3/4/2026\n* Block = 384\n[Results]\nWell;Cq;A260/A280\nA1;17.2;1\n"
)
DOCUMENT = {"x aggregate document": {"absorbance": {"value": 0.5, "unit": "mAU"}}}


def fcs(text: str) -> bytes:
    """Return the beginning of an FCS file with this TEXT segment."""
    return f"FCS3.1    {58:>8}{57 + len(text):>8}{0:>8}{0:>8}{0:>8}{0:>8}{text}\0\1".encode()


def shape(body: bytes) -> Shape:
    found = shape_of(body)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        (TABLE, ("Sample ID", "Viability (%)", "Date")),
        (TABLE.decode().encode("utf-16"), ("Sample ID", "Viability (%)", "Date")),
        (SECTIONS, ("Operator", "Date", "* Block", "[Results]", "Well", "Cq", "A260/A280")),
        (b"1\t2\t3\t4\n5\t6\t7\t8\n", ("(4 columns without names)",)),
        (b"Sample\tName\tng/uL\t220.0\nS\tN\t1\t2\n", ("Sample", "Name", "ng/uL")),
        (b'{"b": {"x": 1}, "a": [{"y": 2}]}', ("a", "a/y", "b", "b/x")),
        (b"<w:A k='1'><B/><B/></w:A>", ("B", "w:A")),
        (zipped({"Chrom.1.Xml": b"", "Result.xml": b""}), ("Chrom.#.Xml", "Result.xml")),
        (fcs("/$PAR/2/$P2N/CD3/$P1N/FSC-A/$P1S//$TOT/9/"), ("FSC-A", "CD3")),
        (
            workbook({"A1": "Well", "B1": "Cq", "C1": "Task", "A2": "7"}),
            ("Sheet#/",),
        ),
    ],
)
def test_names_are_the_shape(body: bytes, columns: tuple[str, ...]) -> None:
    assert shape(body).columns == columns


@pytest.mark.parametrize(
    "body", [b"\x00\x01\xff" * 50, b"PK\x03\x04 cut off", b"one text\n", b"FCS3.1 cut"]
)
def test_what_has_no_shape(body: bytes) -> None:
    assert shape_of(body) is None


def test_other_values_have_the_same_shape_and_another_column_has_not() -> None:
    other = TABLE.replace(b"96.9", b"12.5").replace(b"S-1", b"T-9").replace(b"2022", b"2026")
    assert shape(other) == shape(TABLE)
    assert shape(TABLE + b"S-3,90,3/23/2022 10:00\n") == shape(TABLE)
    wider = TABLE.replace(b",Date", b",Lot,Date").replace(b",3/", b",L,3/")
    assert shape(wider).fingerprint != shape(TABLE).fingerprint


def test_hostile_heads_cost_no_time() -> None:
    rows = b"<row>" * 20_000
    book = zipped(
        {
            "xl/workbook.xml": b'<w xmlns:r="r"><sheets><sheet name="S" r:id="r1"/></sheets></w>',
            "xl/_rels/workbook.xml.rels": b'<R><Relationship Id="r1" Target="s.xml"/></R>',
            "xl/s.xml": b"<sheetData>" + rows,
        }
    )
    assert shape(book).columns == ("S/",)


KNOWN = KnownShape(fingerprint=shape(TABLE).fingerprint, vendor="V", columns=shape(TABLE).columns)
READ = Ended(outcome="parsed", vendor="V", document=canonical_json(DOCUMENT))
UNREAD = Ended(outcome="rejected", code="parse/UNREADABLE_BY_VENDOR", message="No such column.")


def known_to(event: FileLanded, *shapes: KnownShape) -> FileLanded:
    file = event.data.file
    source = file.source.model_copy(update={"known_shapes": shapes})
    file = file.model_copy(update={"source": source})
    return event.model_copy(update={"data": event.data.model_copy(update={"file": file})})


class Parser:
    """Answers in turn, and keeps what it was asked."""

    def __init__(self, *answers: Ended) -> None:
        self.answers, self.asked = list(answers), list[Request]()

    def __call__(self, request: Request) -> Ended:
        self.asked.append(request)
        return self.answers.pop(0)


async def said(
    body: bytes, parser: Parser, *known: KnownShape, vendor: str | None = "V"
) -> list[object]:
    limits, outbox = GuardLimits(), Outbox()
    conversion = Conversion(
        files=MemoryFiles(body),
        convert=Converter(run_parser=parser, declared=declared(), limits=limits),
        publish=outbox,
        limits=limits,
    )
    await conversion.on_file_landed(known_to(landed(body, vendor=vendor), *known))
    return list(outbox.events)


async def test_the_shape_goes_out_with_the_rows_and_what_was_known_does_not() -> None:
    (event,) = await said(TABLE, Parser(READ), KNOWN)
    assert isinstance(event, FileConverted)
    assert event.data.recognition is not None
    assert event.data.recognition.fingerprint == KNOWN.fingerprint
    assert event.data.recognition.columns == KNOWN.columns
    assert event.data.file.source.known_shapes == ()
    assert len(json.dumps(event.model_dump(mode="json"))) < 4_000


async def test_a_known_shape_is_not_looked_at_by_every_parser() -> None:
    parser = Parser(READ)
    await said(TABLE, parser, KNOWN, vendor=None)
    (asked,) = parser.asked
    assert (asked.vendor, asked.is_known) == ("V", True)


async def test_a_known_shape_that_cannot_be_read_is_looked_at_after_all() -> None:
    parser = Parser(UNREAD, READ)
    (event,) = await said(TABLE, parser, KNOWN, vendor=None)
    assert isinstance(event, FileConverted)
    assert [(one.vendor, one.is_known) for one in parser.asked] == [("V", True), (None, False)]


async def test_what_another_vendor_read_is_not_known_of_this_one() -> None:
    parser = Parser(READ)
    other = KNOWN.model_copy(update={"vendor": "W"})
    (event,) = await said(TABLE, parser, other)
    assert isinstance(event, FileConverted)
    assert not parser.asked[0].is_known


WIDER = TABLE.replace(b",Date", b",Lot,Date").replace(b",3/", b",L,3/")


async def test_a_new_column_is_a_drift_and_the_values_are_kept() -> None:
    drifted, converted = await said(WIDER, Parser(READ), KNOWN)
    assert isinstance(drifted, FileDrifted)
    assert isinstance(converted, FileConverted)
    assert (drifted.data.before, drifted.data.now) == (
        KNOWN.fingerprint,
        shape(WIDER).fingerprint,
    )
    assert (drifted.data.added, drifted.data.removed) == (("Lot",), ())
    assert "+ Lot" in drifted.data.proposal
    assert any("new: Lot" in words for words in converted.data.warnings)


async def test_a_first_file_is_no_drift_nor_is_one_of_a_source_of_many_shapes() -> None:
    many = [KNOWN.model_copy(update={"fingerprint": str(number)}) for number in range(MANY_SHAPES)]
    for known in ([], many):
        (event,) = await said(WIDER, Parser(READ), *known)
        assert isinstance(event, FileConverted)


async def test_a_changed_layout_that_no_parser_reads_waits_for_people() -> None:
    (event,) = await said(WIDER, Parser(UNREAD), KNOWN)
    assert isinstance(event, FileQuarantined)
    assert (event.data.reason_code, event.data.stage) == ("LAYOUT_CHANGED", "recognise")
    assert "new: Lot" in event.data.message
    assert "No such column." in event.data.message


async def test_another_kind_of_file_is_no_changed_layout() -> None:
    (event,) = await said(SECTIONS, Parser(UNREAD), KNOWN)
    assert isinstance(event, FileRejected)
    assert event.data.reason_code == "UNREADABLE_BY_VENDOR"
    assert event.data.recognition is not None
    assert event.data.recognition.fingerprint == shape(SECTIONS).fingerprint
