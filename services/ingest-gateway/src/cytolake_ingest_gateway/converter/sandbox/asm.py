"""allotropy, as the child calls it: recognise, parse, with ids that repeat.

Imported by `warm` in the fork server only: the service itself never loads a parser.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from zoneinfo import ZoneInfo

from allotropy.exceptions import AllotropyError
from allotropy.named_file_contents import NamedFileContents
from allotropy.parser_factory import _VENDOR_TO_PARSER, Vendor
from allotropy.parsers.utils import uuids
from allotropy.to_allotrope import allotrope_from_io

from cytolake_contracts import Recognition
from cytolake_ingest_gateway.converter import recognise
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox import flow
from cytolake_ingest_gateway.converter.sandbox.child import Answer, Request

ENCODING = "chardet"
NOTHING_MEASURED = "[] should be non-empty"
"""What the schema of a technique says of a document without a measurement."""
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
    if request.vendor == recognise.FCS or flow.is_fcs(request.body):
        return _fcs(request)
    decided = _candidates(request)
    if isinstance(decided, Rejection):
        return _rejected(decided, decided.recognition)
    answers = [_parsed_by(vendor, request) for vendor in decided.vendors]
    parsed = [answer for answer in answers if answer.outcome == "parsed"]
    if len(parsed) > 1:
        both = tuple(answer.vendor or "" for answer in parsed)
        return _rejected(recognise.ambiguous(both, decided.recognition), decided.recognition)
    if not parsed:
        return replace(answers[0], recognition=decided.recognition.model_dump())
    vendor = parsed[0].vendor or ""
    others = tuple(one for one in decided.vendors if one != vendor)
    told = recognise.read_by(vendor, decided.recognition, others)
    return replace(parsed[0], recognition=told.model_dump())


def _candidates(request: Request) -> recognise.Candidates | Rejection:
    if request.vendor is None:
        head = request.body[: recognise.TIE_BREAKER_BYTES]
        return recognise.for_unregistered(_recognised_by(request), head, request.name)
    if request.vendor not in Vendor.__members__:
        return recognise.unknown_vendor(request.vendor)
    vendor = Vendor[request.vendor]
    if request.is_known:
        return recognise.of_known_shape(vendor.value)
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


def _fcs(request: Request) -> Answer:
    told = _of_another_vendor(request) or flow.parse(request)
    return _rejected(told, told.recognition) if isinstance(told, Rejection) else told


def _of_another_vendor(request: Request) -> Rejection | None:
    """Say so when an FCS file is in another vendor's source, or another file in that of FCS."""
    is_fcs = flow.is_fcs(request.body)
    if is_fcs and request.vendor in {None, recognise.FCS}:
        return None
    found = recognise.for_registered(
        request.vendor or recognise.FCS,
        recognised_by_it=False,
        recognised_by=(recognise.FCS,) if is_fcs else _recognised_by(request),
    )
    return found if isinstance(found, Rejection) else recognise.not_fcs()


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
        if NOTHING_MEASURED in str(error):
            return _rejected(recognise.without_values(vendor))
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


def _rejected(rejection: Rejection, told: Recognition | None = None) -> Answer:
    return Answer(
        outcome="rejected",
        code=f"{rejection.stage}/{rejection.code}",
        message=rejection.message,
        recognition=told.model_dump() if told else None,
    )


def _extension(request: Request) -> str:
    return _contents(request).extension


def _contents(request: Request) -> NamedFileContents:
    return NamedFileContents(BytesIO(request.body), request.name, ENCODING)
