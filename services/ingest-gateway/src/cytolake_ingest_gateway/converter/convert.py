"""One file's bytes to Parquet, or to the reason why not. Blocks for as long as parsing takes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from typing import Any
from zoneinfo import ZoneInfo

from cytolake_contracts import (
    FileLanded,
    FileRef,
    ParserRef,
    ReasonCode,
    SourceRef,
    UnreadCells,
)
from cytolake_contracts.layouts import Layout, layout_digest
from cytolake_ingest_gateway.converter.declared import TEXT_EXTENSIONS, Declared
from cytolake_ingest_gateway.converter.drift import known_shapes, same_shape
from cytolake_ingest_gateway.converter.flatten import Origin, flatten
from cytolake_ingest_gateway.converter.flow_events import flow_events
from cytolake_ingest_gateway.converter.guards import GuardLimits, content_fault, extension
from cytolake_ingest_gateway.converter.outcome import Converted, compared, together
from cytolake_ingest_gateway.converter.recognise import FCS, of_layout, plain, without_values
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.child import Request
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.shapes import Shape, shape_of
from cytolake_ingest_gateway.converter.source_cells import unread_cells
from cytolake_ingest_gateway.converter.tables import parquet_of, parquet_of_table
from cytolake_ingest_gateway.converter.tabular import Table
from cytolake_ingest_gateway.converter.text import as_utf8
from cytolake_ingest_gateway.converter.times import earliest_known

__all__ = ["Converted", "Converter", "failure"]
MAX_NAME = 200
PARSER = "allotropy"
PARSERS = {FCS: "flowio"}
UNREAD_EXAMPLES = 5

RunParser = Callable[[Request], Ended]
version = cache(metadata.version)  # reads and parses a file each time


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """Guards, then the declared layout or the sandboxed parser, then rows."""

    run_parser: RunParser
    declared: Declared
    limits: GuardLimits

    def __call__(self, event: FileLanded, body: bytes) -> Converted | Rejection:
        """Convert one file: the same event and bytes give the same bytes."""
        file = event.data.file
        if fault := content_fault(body, file.name, self.limits):
            return fault
        if members := self.declared.record_layouts(file):  # whose fields come and go
            table = self.declared.records(event, body, members)
            return _of_table(table, file.source, "records of a LIMS")
        shape = shape_of(body)
        layout = self.declared.layout_of(file, body)
        if isinstance(layout, Rejection):
            return layout
        outcome = (
            self._by_layout(event, body, layout) if layout else self._by_parser(event, body, shape)
        )
        return compared(outcome, file.source, shape)

    def _by_layout(self, event: FileLanded, body: bytes, layout: Layout) -> Converted | Rejection:
        table = self.declared.table(event, body, layout)
        return _of_table(table, event.data.file.source, f"a {layout.title}")

    def _by_parser(
        self, event: FileLanded, body: bytes, shape: Shape | None
    ) -> Converted | Rejection:
        file, zone = event.data.file, ZoneInfo(event.data.file.source.timezone)
        known = same_shape(shape, known_shapes(file.source))
        request = Request(
            body=as_utf8(body) if extension(file.name) in TEXT_EXTENSIONS else body,
            name=file.name.replace("\\", "_").replace("\0", "")[-MAX_NAME:],
            vendor=known.vendor if known else file.source.vendor,
            timezone=zone.key,
            source=file.source.name,
            is_known=known is not None and known.vendor is not None,
        )
        ended = self.run_parser(request)
        if request.is_known and ended.outcome == "rejected":  # looked at closely after all
            again = replace(request, vendor=file.source.vendor, is_known=False)
            ended = self.run_parser(again)
        if ended.outcome != "parsed" or ended.vendor is None:
            vendor = plain(file.source.vendor) if file.source.vendor else "an instrument"
            fault = self._of_a_declared_layout(file, body)
            return fault or failure(ended, f"an export of {vendor}")
        outcome = _rows(event, ended, ended.vendor, zone)
        if isinstance(outcome, Rejection):
            return outcome
        cells = unread_cells(body, ended.document, shape)
        return replace(outcome, unread=together(cells, outcome.unread))

    def _of_a_declared_layout(self, file: FileRef, body: bytes) -> Rejection | None:
        """Say so when a file that an instrument's source got is one of our own layouts."""
        layout = self.declared.recognised(file, body) if file.source.vendor else None
        if layout is None or file.source.vendor is None:
            return None
        return Rejection(
            ReasonCode.WRONG_VENDOR,
            f"This source is registered for {plain(file.source.vendor)}, but this is a "
            f"{layout.title}. Drop it into the source of that layout.",
            "recognise",
            of_layout(layout, file.source),
        )


def _of_table(
    table: Table | Rejection | Ended, source: SourceRef, what: str
) -> Converted | Rejection:
    if isinstance(table, Ended):
        return failure(table, what)
    if isinstance(table, Rejection):
        return table
    layout = table.layout
    edition = f"{layout.version}+{layout_digest(layout)}"
    return Converted(
        parquet=parquet_of(layout.dataset, table.rows),
        parser=ParserRef(name=layout.name, version=edition, vendor=None),
        warnings=table.warnings,
        unread=table.unread,
        recognition=of_layout(layout, source),
    )


def failure(ended: Ended, of: str) -> Rejection:
    """Return what a child's end without a document means to whoever dropped the file."""
    if ended.outcome == "rejected" and ended.code:
        stage, _, code = ended.code.partition("/")
        return Rejection(
            ReasonCode(code),
            ended.message or "",
            "recognise" if stage == "recognise" else "parse",
            ended.recognition,
        )
    code, what = {
        "timeout": (ReasonCode.PARSER_TIMEOUT, "took too long and was stopped"),
        "memory": (ReasonCode.PARSER_MEMORY, "needed more memory than one file may use"),
    }.get(ended.outcome, (ReasonCode.PARSER_CRASHED, f"failed ({ended.message or 'no answer'})"))
    return Rejection(
        code,
        f"Reading this file as {of} {what}; other files are not affected. "
        "The file may be damaged or far larger than usual: open it in the instrument's software, "
        "export it again and drop it once more.",
        "parse",
    )


def _rows(event: FileLanded, ended: Ended, vendor: str, zone: ZoneInfo) -> Converted | Rejection:
    file, name = event.data.file, PARSERS.get(vendor, PARSER)
    parser = ParserRef(name=name, version=version(name), vendor=vendor)
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
    tables = [parquet_of("measurement", flattened.rows)] if flattened.rows else []
    if flattened.points is not None:
        tables.append(parquet_of_table("point", flattened.points))
    if not tables:
        return without_values(vendor)
    weak = (
        ()
        if ended.confinement.is_full
        else (f"Parsed with less confinement than intended ({ended.confinement.words}).",)
    )
    return Converted(
        parquet=tables[0],
        others=tuple(tables[1:]),
        kept=(flow_events(ended.attachment, _ids(event)),) if ended.attachment else (),
        parser=parser,
        evidence=gzip.compress(ended.document, compresslevel=6, mtime=0),
        warnings=(*flattened.warnings, *weak),
        recognition=ended.recognition,
        unread=_unread(flattened.unread),
    )


def _unread(found: Mapping[str, int]) -> UnreadCells | None:
    if not found:
        return None
    examples = tuple(f"{pointer}: {numbers} number(s)" for pointer, numbers in found.items())
    return UnreadCells(count=sum(found.values()), examples=examples[:UNREAD_EXAMPLES])


def _ids(event: FileLanded) -> dict[str, Any]:
    return {
        "object_id": str(event.object_id),
        "run_id": str(event.run_id),
        "run_no": event.run_no or 1,
    }
