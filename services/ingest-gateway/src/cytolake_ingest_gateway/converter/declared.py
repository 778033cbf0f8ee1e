"""Files of declared layouts: which layout reads a file, and the rows that it gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from cytolake_contracts import FileLanded, FileRef, ReasonCode
from cytolake_contracts.layouts import Layout, group_members, group_names
from cytolake_ingest_gateway.converter.grid import workbook_grids
from cytolake_ingest_gateway.converter.guards import TABLE_EXTENSIONS, extension
from cytolake_ingest_gateway.converter.record_types import folders_below
from cytolake_ingest_gateway.converter.recorded import Recorded
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.child import Request
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.tabular import (
    Origin,
    Table,
    read_text,
    read_workbook,
    recognised_layout,
)
from cytolake_ingest_gateway.converter.times import earliest_known
from cytolake_ingest_gateway.layouts import LayoutShelf

TEXT_EXTENSIONS = TABLE_EXTENSIONS | {"txt", "log"}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How xlsx and xls begin, whatever their name is."""

RunParser = Callable[[Request], Ended]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The layouts in force, and what reads workbooks and records."""

    shelf: LayoutShelf
    read_book: RunParser
    recorded: Recorded

    def layout_of(self, file: FileRef, body: bytes) -> Layout | Rejection | None:
        """Return the layout to read by; None where a vendor's parser is to do it."""
        source = file.source
        if source.layout is not None:
            return self.shelf.layouts().get(source.layout) or self._unknown(source.layout, file)
        return self.recognised(file, body) if source.vendor is None else None

    def record_layouts(self, file: FileRef) -> tuple[Layout, ...]:
        """Return the layouts of records that the file's source may have; none for tables."""
        name = file.source.layout
        return group_members(self.shelf.layouts(), name) if name is not None else ()

    def recognised(self, file: FileRef, body: bytes) -> Layout | None:
        """Return the layout that a text's header names column by column, if there is one."""
        if extension(file.name) not in TEXT_EXTENSIONS:
            return None
        return recognised_layout(body, self.shelf.layouts())

    def table(self, event: FileLanded, body: bytes, layout: Layout) -> Table | Rejection | Ended:
        """Return the rows; an Ended is a workbook that the sandboxed reader did not read."""
        zone, origin = ZoneInfo(event.data.file.source.timezone), _origin(event)
        if not body.startswith(WORKBOOKS):
            return read_text(body, layout, zone=zone, origin=origin)
        source = event.data.file.source.name
        ended = self.read_book(
            Request(body=body, name="book", vendor=None, timezone=zone.key, source=source)
        )
        if ended.outcome != "parsed":
            return ended
        grids = workbook_grids(json.loads(ended.document)["sheets"])
        return read_workbook(grids, layout, zone=zone, origin=origin)

    def records(
        self, event: FileLanded, body: bytes, members: Sequence[Layout]
    ) -> Table | Rejection | Ended:
        """Return the rows of a file of records, by the layout among these that reads it."""
        file = event.data.file
        return self.recorded.table(
            body,
            members,
            folders=folders_below(file.key, file.source.name),
            source=file.source.name,
            zone=ZoneInfo(file.source.timezone),
            origin=_origin(event),
        )

    def _unknown(self, name: str, file: FileRef) -> Rejection:
        fault = self.shelf.faults().get(name)
        layouts = self.shelf.layouts()
        known = ", ".join(sorted({*layouts, *group_names(layouts)}))
        why = f"is not whole: {fault}" if fault else f"does not exist. Known layouts: {known}."
        return Rejection(
            ReasonCode.UNKNOWN_LAYOUT,
            f"The source {file.source.name} is registered with the layout {name!r}, which {why}",
            "recognise",
        )


def _origin(event: FileLanded) -> Origin:
    file = event.data.file
    return Origin(
        ids={
            "object_id": str(event.object_id),
            "run_id": str(event.run_id),
            "run_no": event.run_no or 1,
        },
        otherwise_at=earliest_known(file.last_modified, file.received_at),
    )
