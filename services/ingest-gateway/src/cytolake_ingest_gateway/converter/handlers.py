"""Turn one landed file into typed rows, or into a reason, and say so.

Consumes   file.landed       contracts/events/file.landed.v1.schema.json
Publishes  file.converted    its values are Parquet in the raw zone
           file.rejected     it cannot be read; a code, and words for who dropped it
           file.quarantined  what it is cannot be said for sure: people decide
           file.drifted      before file.converted: its source sent another shape until now

Told again, it converts again: keys and bytes of what it writes are the same. A file that
cannot be read is a verdict, not an error; an exception means that no verdict could be reached.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from cytolake_contracts import (
    Event,
    FileConverted,
    FileConvertedData,
    FileDrifted,
    FileDriftedData,
    FileLanded,
    FileQuarantined,
    FileQuarantinedData,
    FileRef,
    FileRejected,
    FileRejectedData,
    KeptObject,
    TableRef,
)
from cytolake_contracts.layouts import Layout
from cytolake_ingest_gateway.converter.convert import Converted
from cytolake_ingest_gateway.converter.drift import Drift
from cytolake_ingest_gateway.converter.emptied import emptied
from cytolake_ingest_gateway.converter.guards import GuardLimits, size_fault
from cytolake_ingest_gateway.converter.large.stored import Stored
from cytolake_ingest_gateway.converter.rejection import (
    Rejection,
    content_changed,
    object_missing,
)
from cytolake_ingest_gateway.converter.tables import Kept, Parquet

SOURCE = "cytolake/converter"

Publish = Callable[[Event], Awaitable[None]]
Convert = Callable[[FileLanded, bytes], Converted | Rejection]


class Files(Protocol):
    """The originals, and the two places where results go."""

    async def read(self, file: FileRef) -> bytes | None:
        """Return the content of exactly this version; None when the store no longer has it."""
        ...

    async def write_table(self, key: str, body: bytes) -> None:
        """Store a Parquet file under its key in the lake bucket."""
        ...

    async def write_evidence(self, key: str, body: bytes) -> None:
        """Store gzipped ASM JSON under its key in the evidence bucket."""
        ...


class Large(Protocol):
    """Files of any size, by layouts that say so."""

    def layout_of(self, file: FileRef) -> Layout | None:
        """Return the layout of large files that the file's source is registered with, if any."""
        ...

    async def convert(self, event: FileLanded, layout: Layout) -> Converted | Rejection:
        """Return what the file became, its table stored already; raise Retryable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What the handler needs: `app.py` passes the real ones, tests pass fakes."""

    files: Files
    convert: Convert
    publish: Publish
    limits: GuardLimits
    large: Large | None = None

    async def on_file_landed(self, event: FileLanded) -> None:
        """Publish exactly one outcome for this run of the file."""
        outcome = await self._outcome(event)
        if isinstance(outcome, Rejection):
            await self.publish(refused(event, outcome))
            return
        done = await self._stored(event, outcome)
        if outcome.drift is not None:
            await self.publish(drifted(event, outcome.drift))
        await self.publish(done)

    async def _outcome(self, event: FileLanded) -> Converted | Rejection:
        file = event.data.file
        if self.large is not None and (layout := self.large.layout_of(file)) is not None:
            return emptied(event, await self.large.convert(event, layout))
        if fault := size_fault(file.size_bytes, self.limits):
            return fault
        body = await self.files.read(file)
        # Hashing and parsing take their time (parsing in a child): the heartbeat must go on.
        if fault := await asyncio.to_thread(_reading_fault, file, body):
            return fault
        return emptied(event, await asyncio.to_thread(self.convert, event, body or b""))

    async def _stored(self, event: FileLanded, converted: Converted) -> FileConverted:
        place = f"{event.object_id}/{event.run_no}"
        evidence_key = f"asm/{place}.json.gz" if converted.evidence is not None else None
        if evidence_key and converted.evidence is not None:
            await self.files.write_evidence(evidence_key, converted.evidence)
        table, *others = [
            await self._written(parquet, place)
            for parquet in (converted.parquet, *converted.others)
        ]
        kept = [await self._kept(one, place) for one in converted.kept]
        return FileConverted.following(
            event,
            source=SOURCE,
            data=FileConvertedData(
                file=_file(event),
                table=table,
                others=tuple(others),
                kept=tuple(kept),
                parser=converted.parser,
                evidence_key=evidence_key,
                warnings=converted.warnings,
                recognition=converted.recognition,
                unread=converted.unread,
                decision=event.data.decision,
            ),
        )

    async def _written(self, parquet: Parquet, place: str) -> TableRef:
        if isinstance(parquet, Stored):
            return parquet.reference
        key = f"raw/{parquet.dataset}/{place}.parquet"
        await self.files.write_table(key, parquet.body)
        return TableRef(
            dataset=parquet.dataset,
            contract_version=parquet.contract_version,
            parquet_key=key,
            parquet_sha256=hashlib.sha256(parquet.body).hexdigest(),
            rows=parquet.rows,
        )

    async def _kept(self, kept: Kept, place: str) -> KeptObject:
        key = f"raw/{kept.what}/{place}.parquet"
        await self.files.write_table(key, kept.body)
        return KeptObject(
            what=kept.what,
            key=key,
            sha256=hashlib.sha256(kept.body).hexdigest(),
            rows=kept.rows,
            columns=kept.columns,
        )


def refused(event: FileLanded, rejection: Rejection) -> FileRejected | FileQuarantined:
    """Build the event that ends the run, or leaves it to people: same run, same id."""
    decision = event.data.decision
    message = decision.with_what_stays(rejection.message) if decision else rejection.message
    if rejection.is_for_people:
        return FileQuarantined.following(
            event,
            source=SOURCE,
            data=FileQuarantinedData(
                file=_file(event),
                reason_code=rejection.code,
                message=message,
                stage="recognise",
                recognition=rejection.recognition,
            ),
        )
    return FileRejected.following(
        event,
        source=SOURCE,
        data=FileRejectedData(
            file=_file(event),
            reason_code=rejection.code,
            message=message,
            stage=rejection.stage,
            recognition=rejection.recognition,
        ),
    )


def drifted(event: FileLanded, drift: Drift) -> FileDrifted:
    """Build the event that tells of a new shape; it moves no state."""
    return FileDrifted.following(
        event,
        source=SOURCE,
        data=FileDriftedData(
            file=_file(event),
            before=drift.before,
            now=drift.now,
            added=drift.added,
            removed=drift.removed,
            proposal=drift.proposal,
        ),
    )


def _file(event: FileLanded) -> FileRef:
    """The file without the shapes known of its source: they are of use to nobody further on."""
    file = event.data.file
    if not file.source.known_shapes:
        return file
    return file.model_copy(update={"source": file.source.model_copy(update={"known_shapes": ()})})


def _reading_fault(file: FileRef, body: bytes | None) -> Rejection | None:
    if body is None:
        return object_missing(file.name)
    if hashlib.sha256(body).hexdigest() != file.content_sha256:
        return content_changed(file.name)
    return None
