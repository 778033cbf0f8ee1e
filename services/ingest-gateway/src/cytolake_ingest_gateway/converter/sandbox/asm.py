"""allotropy, as the child calls it: recognise, parse, with ids that repeat.

Imported by `warm` in the fork server only: the service itself never loads a parser.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from zoneinfo import ZoneInfo

from allotropy.exceptions import AllotropyError
from allotropy.named_file_contents import NamedFileContents
from allotropy.parser_factory import _VENDOR_TO_PARSER, Vendor
from allotropy.parsers.utils import uuids
from allotropy.to_allotrope import allotrope_from_io

from cytolake_ingest_gateway.converter import recognise
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.child import Answer, Request

ENCODING = "chardet"
GENERATED = "generated-id-"
"""Prefix of ids that allotropy makes up; never a key, and never stored as data."""


class _CountingIds(uuids.IdGenerator):
    """Ids in order of asking: two parses of one file are equal."""

    def __init__(self) -> None:
        self._asked = 0

    def generate_id(self) -> str:
        self._asked += 1
        return f"{GENERATED}{self._asked:06d}"


def parse(request: Request) -> Answer:
    """Recognise the file and parse it; a file's own faults are an answer, never an exception."""
    decided = _candidates(request)
    if isinstance(decided, Rejection):
        return _rejected(decided)
    answers = [_parsed_by(vendor, request) for vendor in decided.vendors]
    parsed = [answer for answer in answers if answer.outcome == "parsed"]
    if len(parsed) > 1:
        return _rejected(recognise.ambiguous(tuple(a.vendor or "" for a in parsed)))
    return parsed[0] if parsed else answers[0]


def _candidates(request: Request) -> recognise.Candidates | Rejection:
    if request.vendor is None:
        head = request.body[: recognise.TIE_BREAKER_BYTES]
        return recognise.for_unregistered(_recognised_by(request), head, request.name)
    if request.vendor not in Vendor.__members__:
        return recognise.unknown_vendor(request.vendor)
    vendor = Vendor[request.vendor]
    if _extension(request) not in vendor.supported_extensions:
        others = _recognised_by(request)
        if others:
            return recognise.for_registered(
                vendor.value, recognised_by_it=False, recognised_by=others
            )
        accepted = tuple(vendor.supported_extensions)
        return recognise.wrong_extension(vendor.value, request.name, accepted)
    recognised = _recognises(vendor, request)
    others = () if recognised else _recognised_by(request)
    return recognise.for_registered(vendor.value, recognised_by_it=recognised, recognised_by=others)


def _recognised_by(request: Request) -> tuple[str, ...]:
    return tuple(
        vendor.value
        for vendor in Vendor
        if vendor.value not in recognise.NOT_INSTRUMENTS
        and _extension(request) in vendor.supported_extensions
        and _recognises(vendor, request)
    )


def _recognises(vendor: Vendor, request: Request) -> bool:
    try:
        return bool(_VENDOR_TO_PARSER[vendor].sniff(_contents(request))) or _has_members_of(
            vendor, request
        )
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a parser that chokes on a look does not know the file
        return False


def _has_members_of(vendor: Vendor, request: Request) -> bool:
    members = recognise.MEMBERS.get(vendor.value)
    if members is None:
        return False
    with zipfile.ZipFile(BytesIO(request.body)) as archive:
        return members <= set(archive.namelist())


def _parsed_by(vendor: str, request: Request) -> Answer:
    uuids._ID_GENERATOR = _CountingIds()  # type: ignore[assignment] # noqa: SLF001 - its only seam
    try:
        document = allotrope_from_io(
            BytesIO(request.body),
            request.name,
            vendor,
            default_timezone=ZoneInfo(request.timezone),
            encoding=ENCODING,
        )
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - parsers raise anything on a bad file
        return _rejected(recognise.unreadable(vendor, _why(error)))
    return Answer(outcome="parsed", vendor=vendor, document=document)


def _why(error: Exception) -> str:
    if isinstance(error, AllotropyError):
        return _one_line(str(error))
    what = _one_line(str(error)) or "no reason given"
    return f"a part that such an export has is missing or damaged ({type(error).__name__}: {what})"


def _one_line(text: str, limit: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit]} ..."


def _rejected(rejection: Rejection) -> Answer:
    return Answer(
        outcome="rejected", code=f"{rejection.stage}/{rejection.code}", message=rejection.message
    )


def _extension(request: Request) -> str:
    return _contents(request).extension


def _contents(request: Request) -> NamedFileContents:
    return NamedFileContents(BytesIO(request.body), request.name, ENCODING)
