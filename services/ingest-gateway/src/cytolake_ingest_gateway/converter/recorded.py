"""Files of records, JSON or Parquet: which layout reads them, and the rows that it gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from cytolake_contracts import ReasonCode
from cytolake_contracts.identity import LIMS
from cytolake_contracts.layouts import Layout
from cytolake_ingest_gateway.converter.cells import cell_text
from cytolake_ingest_gateway.converter.grid import cell_of
from cytolake_ingest_gateway.converter.headers import LayoutMismatchError
from cytolake_ingest_gateway.converter.json_documents import documents
from cytolake_ingest_gateway.converter.record_types import layout_among
from cytolake_ingest_gateway.converter.records import (
    Records,
    RecordsError,
    flattened,
    records_of,
    spread,
)
from cytolake_ingest_gateway.converter.rejection import Rejection, size_in_words
from cytolake_ingest_gateway.converter.sandbox.child import Request
from cytolake_ingest_gateway.converter.sandbox.runner import Ended
from cytolake_ingest_gateway.converter.tabular import Origin, Table, read_grid

PARQUET = b"PAR1"
RunParser = Callable[[Request], Ended]
Found = tuple[Layout, Records]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Reads files of records; Parquet in the sandbox, for its reader is native code."""

    read_parquet: RunParser

    def table(
        self,
        body: bytes,
        members: Sequence[Layout],
        *,
        folders: Sequence[str],
        source: str,
        zone: tzinfo,
        origin: Origin,
    ) -> Table | Rejection | Ended:
        """Return the rows by the layout that fits; an Ended is Parquet that was not read."""
        kind = "parquet" if body.startswith(PARQUET) else "json"
        able = [one for one in members if one.file.kind in {kind, "records"}]
        lims = {"lims": source.removeprefix(LIMS)}
        try:
            _check(able, members, kind, body)
            found = (
                self._of_parquet(body, able, folders, source)
                if kind == "parquet"
                else _of_json(body, able, folders)
            )
            if isinstance(found, Ended):
                return found
            layout, records = found
            known = replace(origin, ids={**origin.ids, **lims})
            return read_grid(records.grid(), layout, zone=zone, origin=known)
        except (RecordsError, LayoutMismatchError) as fault:
            return fault.rejection

    def _of_parquet(
        self, body: bytes, members: Sequence[Layout], folders: Sequence[str], source: str
    ) -> Found | Ended:
        ended = self.read_parquet(
            Request(body=body, name="records", vendor=None, timezone="UTC", source=source)
        )
        if ended.outcome != "parsed":
            return ended
        told = json.loads(ended.document)
        rows = [[cell_of(node) for node in row] for row in told["rows"]]
        records = Records(names=tuple(told["names"]), rows=rows)
        if not rows:
            raise RecordsError(ReasonCode.NO_ROWS, "This file holds no records.")
        return layout_among(members, records.texts, folders), records


def _of_json(body: bytes, members: Sequence[Layout], folders: Sequence[str]) -> Found:
    found = documents(body)
    flats = [flattened(one, number) for number, one in enumerate(found, start=1)]
    layout = layout_among(
        members, lambda name: [cell_text(flat.get(name)) for flat in flats], folders
    )
    if layout.records is not None:
        flats = [
            flattened(one, number)
            for number, document in enumerate(found, start=1)
            for one in spread(document, layout.records, number)
        ]
    if not flats:
        raise RecordsError(
            ReasonCode.NO_ROWS, f"This file holds no records: {layout.records!r} is an empty list."
        )
    return layout, records_of(flats)


def _check(able: Sequence[Layout], members: Sequence[Layout], kind: str, body: bytes) -> None:
    if not able:
        wanted = " or ".join(sorted({one.file.kind for one in members}))
        words = f"This file is no {wanted}, which the layouts of its source read"
        told = f"{words}; it is {kind}." if kind == "parquet" else f"{words}."
        raise RecordsError(ReasonCode.UNREADABLE_TEXT, told)
    most = max(one.max_bytes for one in able)
    if len(body) > most:
        raise RecordsError(
            ReasonCode.FILE_TOO_LARGE,
            f"This file has {size_in_words(len(body))}; at most {size_in_words(most)} are read. "
            "Have it sent in smaller parts.",
        )
