"""One landed file, one outcome: with a store in memory and a parser's end made up."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable

import pytest

from cytolake_contracts import (
    Event,
    FileConverted,
    FileLanded,
    FileQuarantined,
    FileRejected,
    ParserRef,
    ReasonCode,
    Recognition,
)
from cytolake_ingest_gateway.converter.convert import Converted, Converter
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.handlers import Conversion
from cytolake_ingest_gateway.converter.sandbox.child import Request, canonical_json
from cytolake_ingest_gateway.converter.sandbox.confine import Confinement
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.tables import Kept, Parquet
from cytolake_ingest_gateway.converter.testing import MemoryFiles, declared, landed
from cytolake_runtime.testing import Outbox

BODY = b"some export, whole\n"
FULL = Confinement(landlock_abi=7, seccomp=True)
DOCUMENT = {
    "$asm.manifest": "m",
    "x aggregate document": {"absorbance": {"value": 0.5, "unit": "mAU"}},
}
PARSED = Ended(
    outcome="parsed",
    vendor="BECKMAN_VI_CELL_BLU",
    document=canonical_json(DOCUMENT),
    confinement=FULL,
)
LIMITS = GuardLimits(max_bytes=1_000)


class Handled:
    """What came of one event."""

    def __init__(
        self, event: FileLanded, run_parser: Callable[[Request], Ended], body: bytes | None
    ) -> None:
        self.files, self.outbox = MemoryFiles(body), Outbox()
        conversion = Conversion(
            files=self.files,
            convert=Converter(run_parser=run_parser, declared=declared(), limits=LIMITS),
            publish=self.outbox,
            limits=LIMITS,
        )
        asyncio.run(conversion.on_file_landed(event))

    @property
    def said(self) -> Event:
        (event,) = self.outbox.events
        return event


def handled(event: FileLanded, ended: Ended = PARSED, body: bytes | None = BODY) -> Handled:
    return Handled(event, lambda _: ended, body)


def rejected(event: FileLanded, ended: Ended = PARSED, body: bytes | None = BODY) -> FileRejected:
    said = handled(event, ended, body).said
    assert isinstance(said, FileRejected)
    return said


def test_a_parsed_file_is_written_and_told() -> None:
    event = landed(BODY, vendor="BECKMAN_VI_CELL_BLU")
    found = handled(event)
    said = found.said
    assert isinstance(said, FileConverted)
    place = f"{event.object_id}/1"
    assert said.data.table.parquet_key == f"raw/measurement/{place}.parquet"
    assert list(found.files.tables) == [said.data.table.parquet_key]
    assert said.data.evidence_key == f"asm/{place}.json.gz"
    evidence = gzip.decompress(found.files.evidence[said.data.evidence_key])
    assert json.loads(evidence) == DOCUMENT
    assert (said.data.parser.name, said.data.parser.vendor) == ("allotropy", "BECKMAN_VI_CELL_BLU")
    assert said.data.table.rows == 1
    assert said.run_id == event.run_id


def test_told_again_it_says_and_writes_the_same() -> None:
    event = landed(BODY, vendor="BECKMAN_VI_CELL_BLU")
    one, two = handled(event), handled(event)
    assert one.said.id == two.said.id
    assert one.said.data == two.said.data
    assert one.files.tables == two.files.tables
    assert one.files.evidence == two.files.evidence


def test_weaker_confinement_is_said() -> None:
    weak = Ended(outcome="parsed", vendor="X", document=PARSED.document)
    said = handled(landed(BODY), weak).said
    assert isinstance(said, FileConverted)
    assert "Parsed with less confinement than intended (limits only)." in said.data.warnings


def test_a_missing_object() -> None:
    assert rejected(landed(BODY), body=None).data.reason_code == ReasonCode.OBJECT_MISSING


def test_other_bytes_than_registered() -> None:
    assert rejected(landed(BODY), body=b"x").data.reason_code == ReasonCode.CONTENT_CHANGED


def test_an_empty_file_is_not_even_read() -> None:
    assert rejected(landed(b""), body=None).data.reason_code == ReasonCode.EMPTY_FILE


def test_a_large_file_is_not_even_read() -> None:
    assert rejected(landed(b"x" * 2_000), body=None).data.reason_code == ReasonCode.FILE_TOO_LARGE


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (Ended(outcome="timeout"), ReasonCode.PARSER_TIMEOUT),
        (Ended(outcome="memory"), ReasonCode.PARSER_MEMORY),
        (Ended(outcome="crashed", message="by signal SIGABRT"), ReasonCode.PARSER_CRASHED),
        (
            Ended(outcome="rejected", code="parse/UNREADABLE_BY_VENDOR", message="No."),
            ReasonCode.UNREADABLE_BY_VENDOR,
        ),
        (
            Ended(outcome="parsed", vendor="X", document=b'{"x": {}}', confinement=FULL),
            ReasonCode.NO_ROWS,
        ),
    ],
)
def test_how_a_parser_ends(ended: Ended, code: ReasonCode) -> None:
    said = rejected(landed(BODY, vendor="BECKMAN_VI_CELL_BLU"), ended)
    assert said.data.reason_code == code
    assert said.data.message.endswith(".")


def test_a_layout_that_does_not_exist() -> None:
    said = rejected(landed(BODY, layout="no_such"))
    assert said.data.reason_code == ReasonCode.UNKNOWN_LAYOUT
    assert "sample_list" in said.data.message


SHEET = (
    b"sample_id,batch_id,step,collected_at,culture_day,volume_ml\n"
    b"S-1,B-1,expand,2026-03-21 16:56,3,250\n"
)


@pytest.mark.parametrize("layout", ["sample_list", None])
def test_a_sample_list_needs_no_parser(layout: str | None) -> None:
    def never(request: Request) -> Ended:
        raise AssertionError(request)

    found = Handled(landed(SHEET, layout=layout), never, SHEET)
    said = found.said
    assert isinstance(said, FileConverted)
    assert (said.data.table.dataset, said.data.evidence_key) == ("sample", None)
    assert said.data.parser.name == "sample_list"
    assert found.files.evidence == {}


def test_a_sample_list_in_an_instruments_source() -> None:
    gave_up = Ended(outcome="rejected", code="parse/UNREADABLE_BY_VENDOR", message="No.")
    said = handled(landed(SHEET, vendor="BECKMAN_VI_CELL_BLU"), gave_up, SHEET).said
    assert isinstance(said, FileQuarantined)
    assert said.data.reason_code == ReasonCode.WRONG_VENDOR
    assert "this is a sample list" in said.data.message
    assert said.data.recognition is not None
    assert said.data.recognition.layout == "sample_list"


@pytest.mark.parametrize("code", ["WRONG_VENDOR", "AMBIGUOUS_VENDOR"])
def test_what_cannot_be_told_for_sure_waits_for_people(code: str) -> None:
    told = Recognition(vendor="AGILENT_GEN5", matched=("it looks so",))
    ended = Ended(outcome="rejected", code=f"recognise/{code}", message="Which?", recognition=told)
    found = handled(landed(BODY, vendor="BECKMAN_VI_CELL_BLU"), ended)
    assert isinstance(found.said, FileQuarantined)
    data = found.said.data
    assert (data.reason_code, data.stage, data.table, data.failures) == (
        code,
        "recognise",
        None,
        (),
    )
    assert data.recognition is not None
    assert (data.recognition.vendor, data.recognition.matched) == ("AGILENT_GEN5", ("it looks so",))
    assert found.files.tables == {}


def test_utf16_reaches_the_parser_as_utf8() -> None:
    seen: list[Request] = []

    def look(request: Request) -> Ended:
        seen.append(request)
        return PARSED

    body = b"\xff\xfe" + "µm,x\n1,2\n".encode("utf-16-le")
    Handled(landed(body, name="a b/é.csv"), look, body)
    assert (seen[0].body.decode(), seen[0].name) == ("µm,x\n1,2\n", "é.csv")


def test_every_table_of_a_run_is_written_and_told_and_what_is_kept_beside_them() -> None:
    event = landed(BODY)
    files, outbox = MemoryFiles(BODY), Outbox()
    tables = tuple(Parquet(name, "1.0.0", name.encode(), 2) for name in ("measurement", "point"))
    converted = Converted(
        parquet=tables[0],
        others=tables[1:],
        kept=(Kept("flow_event", b"events", 7, ("FSC-A",)),),
        parser=ParserRef(name="p", version="1"),
    )
    conversion = Conversion(
        files=files, convert=lambda *_: converted, publish=outbox, limits=LIMITS
    )
    asyncio.run(conversion.on_file_landed(event))
    (said,) = outbox.events
    assert isinstance(said, FileConverted)
    (other,), (kept,) = said.data.others, said.data.kept
    place = f"{event.object_id}/1.parquet"
    assert (other.dataset, other.parquet_key, other.rows) == ("point", f"raw/point/{place}", 2)
    assert (kept.what, kept.key, kept.rows) == ("flow_event", f"raw/flow_event/{place}", 7)
    assert files.tables == {
        f"raw/{name}/{place}": body
        for name, body in (("measurement", b"measurement"), ("point", b"point"))
    } | {kept.key: b"events"}
