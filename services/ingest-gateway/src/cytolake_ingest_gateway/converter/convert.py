"""One file's bytes to Parquet, or to the reason why not. Blocks for as long as parsing takes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from cytolake_contracts import FileLanded, FileRef, ParserRef, ReasonCode
from cytolake_ingest_gateway.converter.delimited import read_table, recognised_layout
from cytolake_ingest_gateway.converter.flatten import Origin, flatten
from cytolake_ingest_gateway.converter.guards import (
    TABLE_EXTENSIONS,
    GuardLimits,
    content_fault,
    extension,
)
from cytolake_ingest_gateway.converter.layouts import LAYOUTS, Layout
from cytolake_ingest_gateway.converter.recognise import plain
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.child import Request
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.tables import Kept, Parquet, parquet_of
from cytolake_ingest_gateway.converter.text import as_utf8
from cytolake_ingest_gateway.converter.times import earliest_known

TEXT_EXTENSIONS = TABLE_EXTENSIONS | {"txt", "log"}
MAX_NAME = 200
PARSER = "allotropy"

RunParser = Callable[[Request], Ended]


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What a file became: tables, the main one first; `evidence` is gzipped ASM JSON."""

    parquet: Parquet
    parser: ParserRef
    others: tuple[Parquet, ...] = ()
    kept: tuple[Kept, ...] = ()
    evidence: bytes | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """Guards, then the declared layout or the sandboxed parser, then rows."""

    run_parser: RunParser
    limits: GuardLimits

    def __call__(self, event: FileLanded, body: bytes) -> Converted | Rejection:
        """Convert one file: the same event and bytes give the same bytes."""
        file = event.data.file
        if fault := content_fault(body, file.name, self.limits):
            return fault
        layout = _layout(file, body)
        if isinstance(layout, Rejection):
            return layout
        return self._by_layout(event, body, layout) if layout else self._by_parser(event, body)

    def _by_layout(self, event: FileLanded, body: bytes, layout: Layout) -> Converted | Rejection:
        zone = ZoneInfo(event.data.file.source.timezone)
        table = read_table(body, layout, zone=zone, extra=_ids(event))
        if isinstance(table, Rejection):
            return table
        return Converted(
            parquet=parquet_of(layout.dataset, table.rows),
            parser=ParserRef(name=layout.name, version="1", vendor=None),
            warnings=table.warnings,
        )

    def _by_parser(self, event: FileLanded, body: bytes) -> Converted | Rejection:
        file, zone = event.data.file, ZoneInfo(event.data.file.source.timezone)
        ended = self.run_parser(
            Request(
                body=as_utf8(body) if extension(file.name) in TEXT_EXTENSIONS else body,
                name=file.name.replace("\\", "_").replace("\0", "")[-MAX_NAME:],
                vendor=file.source.vendor,
                timezone=zone.key,
            )
        )
        if ended.outcome != "parsed" or ended.vendor is None:
            return _of_a_declared_layout(file, body) or failure(ended, file)
        return _rows(event, ended, ended.vendor, zone)


def failure(ended: Ended, file: FileRef) -> Rejection:
    """Return what a child's end without a document means to whoever dropped the file."""
    if ended.outcome == "rejected" and ended.code:
        stage, _, code = ended.code.partition("/")
        return Rejection(
            ReasonCode(code),
            ended.message or "",
            "recognise" if stage == "recognise" else "parse",
        )
    vendor = plain(file.source.vendor) if file.source.vendor else "an instrument"
    code, what = {
        "timeout": (ReasonCode.PARSER_TIMEOUT, "took too long and was stopped"),
        "memory": (ReasonCode.PARSER_MEMORY, "needed more memory than one file may use"),
    }.get(ended.outcome, (ReasonCode.PARSER_CRASHED, f"failed ({ended.message or 'no answer'})"))
    return Rejection(
        code,
        f"Reading this file as an export of {vendor} {what}; other files are not affected. "
        "The file may be damaged or far larger than usual: open it in the instrument's software, "
        "export it again and drop it once more.",
        "parse",
    )


def _of_a_declared_layout(file: FileRef, body: bytes) -> Rejection | None:
    """Say so when a file that an instrument's source got is one of our own layouts."""
    is_text = extension(file.name) in TEXT_EXTENSIONS
    layout = recognised_layout(body) if is_text and file.source.vendor else None
    if layout is None or file.source.vendor is None:
        return None
    return Rejection(
        ReasonCode.WRONG_VENDOR,
        f"This source is registered for {plain(file.source.vendor)}, but this is a "
        f"{layout.title}. Drop it into the source of that layout.",
        "recognise",
    )


def _layout(file: FileRef, body: bytes) -> Layout | Rejection | None:
    """Return the declared layout to read by; None where a vendor's parser is to do it."""
    source = file.source
    if source.layout is not None:
        return LAYOUTS.get(source.layout) or Rejection(
            ReasonCode.UNKNOWN_LAYOUT,
            f"The source {source.name} is registered with the layout {source.layout!r}, which "
            f"does not exist. Known layouts: {', '.join(LAYOUTS)}.",
            "recognise",
        )
    if source.vendor is None and extension(file.name) in TEXT_EXTENSIONS:
        return recognised_layout(body)
    return None


def _rows(event: FileLanded, ended: Ended, vendor: str, zone: ZoneInfo) -> Converted | Rejection:
    file, parser = event.data.file, ParserRef(name=PARSER, version=version(PARSER), vendor=vendor)
    flattened = flatten(
        json.loads(ended.document),
        Origin(
            vendor=vendor,
            parser_version=f"{parser.name} {parser.version}",
            otherwise_at=earliest_known(file.last_modified, file.received_at),
            **_ids(event),
        ),
        zone,
    )
    if not flattened.rows:
        return Rejection(
            ReasonCode.NO_ROWS,
            f"This file is a whole export of {plain(vendor)}, but holds no values. "
            "Check that the run was finished before it was exported.",
            "flatten",
        )
    weak = (
        ()
        if ended.confinement.is_full
        else (f"Parsed with less confinement than intended ({ended.confinement.words}).",)
    )
    return Converted(
        parquet=parquet_of("measurement", flattened.rows),
        parser=parser,
        evidence=gzip.compress(ended.document, compresslevel=6, mtime=0),
        warnings=(*flattened.warnings, *weak),
    )


def _ids(event: FileLanded) -> dict[str, Any]:
    return {
        "object_id": str(event.object_id),
        "run_id": str(event.run_id),
        "run_no": event.run_no or 1,
    }
