"""Large files through the service: one at a time, followed by `file.progressed`.

While one is read, a further one is put off (it comes again by itself), so that small files
always find a worker. A run that is announced again while it is read shares the one reading.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cytolake_contracts import (
    FileLanded,
    FileProgressed,
    FileProgressedData,
    FileRef,
    ParserRef,
)
from cytolake_contracts.layouts import Layout, layout_digest
from cytolake_ingest_gateway.converter.guards import GuardLimits, size_fault
from cytolake_ingest_gateway.converter.large.progress import Progress
from cytolake_ingest_gateway.converter.large.reader import Budget
from cytolake_ingest_gateway.converter.large.stored import Stored
from cytolake_ingest_gateway.converter.large.streamed import Read, Request, read_large
from cytolake_ingest_gateway.converter.large.workfolder import WorkFolder
from cytolake_ingest_gateway.converter.outcome import Converted, compared
from cytolake_ingest_gateway.converter.recognise import of_layout
from cytolake_ingest_gateway.converter.rejection import Rejection, object_missing
from cytolake_ingest_gateway.converter.shapes import shape_of
from cytolake_ingest_gateway.layouts import LayoutShelf
from cytolake_runtime.errors import ObjectMissingError, Retryable

SOURCE = "cytolake/converter"
SHAPE_BYTES = 131_072
Outcome = Converted | Rejection


class Objects(Protocol):
    """The store, for objects of any size. Both block; see `cytolake_runtime.large_objects`."""

    def read(self, file: FileRef, each: Callable[[bytes], None]) -> None:
        """Call back with every chunk of exactly this version."""
        ...

    def store_table(self, key: str, path: Path, each: Callable[[int], None]) -> None:
        """Store a Parquet file under its key in the lake bucket."""
        ...


@dataclass(slots=True, kw_only=True)
class LargeFiles:
    """What reading large files needs: `app.py` passes the real ones, tests pass fakes."""

    objects: Objects
    shelf: LayoutShelf
    folder: WorkFolder
    publish: Callable[[FileProgressed], Awaitable[None]]
    limits: GuardLimits
    budget: Budget = field(default_factory=Budget)
    clock: Callable[[], float] = time.monotonic
    _reading: dict[UUID, asyncio.Task[Outcome]] = field(default_factory=dict)

    def layout_of(self, file: FileRef) -> Layout | None:
        """Return the layout of large files that the file's source is registered with, if any."""
        layout = self.shelf.layouts().get(file.source.layout or "")
        return layout if layout is not None and layout.large else None

    async def convert(self, event: FileLanded, layout: Layout) -> Outcome:
        """Return what the file became; raise Retryable while another large one is read."""
        if fault := size_fault(event.data.file.size_bytes, self.limits):
            return fault
        task = self._reading.get(event.run_id)
        if task is None:
            if self._reading:
                raise Retryable("another large file is being read")
            task = asyncio.create_task(self._converted(event, layout))
            self._reading[event.run_id] = task
            task.add_done_callback(lambda _: self._reading.pop(event.run_id, None))
        return await asyncio.shield(task)

    async def _converted(self, event: FileLanded, layout: Layout) -> Outcome:
        loop = asyncio.get_running_loop()
        tell = _Teller(event, lambda news: _sent(self.publish(news), loop), self.clock)
        with self.folder.place(event.run_id) as place:
            try:
                outcome = await asyncio.to_thread(self._read, event, layout, place, tell)
            except ObjectMissingError:
                return object_missing(event.data.file.name)
        return compared(outcome, event.data.file.source, tell.shape)

    def _read(self, event: FileLanded, layout: Layout, place: Path, tell: _Teller) -> Outcome:
        file, head = event.data.file, bytearray()

        def stream(each: Callable[[bytes], None]) -> None:
            def keep(chunk: bytes) -> None:
                head.extend(chunk[: max(SHAPE_BYTES - len(head), 0)])
                each(chunk)

            self.objects.read(file, keep)

        read = read_large(
            Request(
                file=file,
                layout=layout,
                ids=_ids(event),
                folder=place,
                stream=stream,
                progressed=tell.read,
                budget=self.budget,
            )
        )
        tell.shape = shape_of(bytes(head))
        return read if isinstance(read, Rejection) else self._stored(event, layout, read, tell)

    def _stored(self, event: FileLanded, layout: Layout, read: Read, tell: _Teller) -> Converted:
        contract = read.plan.contract
        key = f"raw/{contract.name}/{event.object_id}/{event.run_no}.parquet"
        tell.begin_storing(read.path.stat().st_size, read.rows)
        self.objects.store_table(key, read.path, tell.stored)
        unread = (f"Columns not read: {', '.join(read.plan.unread)[:200]}.",)
        weak = ("Read with less confinement than intended.",)
        return Converted(
            parquet=Stored(
                contract.name, contract.version, b"", read.rows, key=key, sha256=read.sha256
            ),
            parser=ParserRef(name=layout.name, version=f"{layout.version}+{layout_digest(layout)}"),
            warnings=(
                *(unread if read.plan.unread else ()),
                *(() if read.is_confined else weak),
            ),
            recognition=of_layout(layout, event.data.file.source),
        )


class _Teller:
    """Says how far a file is, from the thread that works on it."""

    def __init__(
        self,
        event: FileLanded,
        send: Callable[[FileProgressed], None],
        clock: Callable[[], float],
    ) -> None:
        self._event, self._send, self._clock = event, send, clock
        self._reading = Progress(event.data.file.size_bytes)
        self._storing, self._sent, self._rows = Progress(0), 0, 0
        self.shape = shape_of(b"")

    def read(self, done_bytes: int) -> None:
        if self._reading.is_due(done_bytes, self._clock()):
            self._tell("read", done_bytes, self._reading.total_bytes)

    def begin_storing(self, total_bytes: int, rows: int) -> None:
        # What is left of the count: both stages together keep to it.
        self._storing = Progress(total_bytes, told=self._reading.told)
        self._rows = rows

    def stored(self, sent_bytes: int) -> None:
        self._sent += sent_bytes
        if self._storing.is_due(self._sent, self._clock()):
            self._tell("store", self._sent, self._storing.total_bytes)

    def _tell(self, stage: str, done: int, total: int) -> None:
        data = FileProgressedData(
            file=self._event.data.file,
            stage=stage,
            done_bytes=done,
            total_bytes=total,
            rows=self._rows,
        )
        what = f"/{stage}/{done}"
        self._send(FileProgressed.following(self._event, source=SOURCE, data=data, what=what))


def _sent(work: Awaitable[None], loop: asyncio.AbstractEventLoop) -> None:
    """Publish without waiting: news that is lost is no loss."""

    async def tried() -> None:
        try:
            await work
        except Retryable:
            return

    asyncio.run_coroutine_threadsafe(tried(), loop)


def _ids(event: FileLanded) -> dict[str, str | int]:
    return {
        "object_id": str(event.object_id),
        "run_id": str(event.run_id),
        "run_no": event.run_no or 1,
    }
