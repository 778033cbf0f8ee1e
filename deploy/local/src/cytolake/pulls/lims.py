"""Pull a LIMS: ask Airbyte's connector, judge what it says, land what was read to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cytolake.pulls import asking
from cytolake.pulls.airbyte import Connector, StalledError
from cytolake.pulls.connection import Connection
from cytolake.pulls.outbox import Outbox, Store, remember, remembered
from cytolake.pulls.reading import Progress, Reading, Stream
from cytolake.pulls.spool import Spool
from cytolake.pulls.words import SHORT, STALLED, Trouble
from cytolake_contracts.identity import WHOLE

REMEMBERED = timedelta(hours=1)
"""Records so near to the newest are known by their digests: longer than the look-back."""
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What became of one stream."""

    stream: str
    outcome: str
    """`stored`, `unchanged` or `failed`."""
    came: int
    rows: int
    """Records that are new: these are in the object."""
    key: str | None = None
    code: str | None = None
    message: str | None = None

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """One pull of one LIMS. `connector` and `store` are the world; the rest is decided here."""

    connection: Connection
    connector: Connector
    store: Store
    progress: Progress
    is_full: bool = False
    streams: tuple[str, ...] = ()
    clock: Clock = lambda: datetime.now(UTC)

    def run(self) -> Iterator[Pulled]:
        """Pull; yield what became of each stream. Raises the store's errors and StackError."""
        chosen = asking.chosen(self.connection.streams(), self.streams)
        outbox = Outbox(self.connection)
        with self.connection.locked():
            outbox.prepare()
            for left in outbox.deliver(self.store):  # what an earlier pull did not get to say
                yield _stored(left)
            with TemporaryDirectory(dir=self.connection.folder, prefix="pull-") as folder:
                known = {} if self.is_full else remembered(self.connection)
                reading = self._opened(chosen, known, Path(folder))
                try:
                    self._read(reading, asking.asked(chosen, known), known)
                    self._read_moved(reading, chosen, known)
                finally:
                    for stream in reading.streams.values():
                        stream.spool.close()
                for stream in reading.streams.values():
                    yield from self._land(stream, reading, known.get(stream.name), outbox)

    def _opened(self, chosen: list[asking.Found], known: asking.Known, folder: Path) -> Reading:
        streams = {
            one["name"]: Stream(
                one["name"],
                asking.cursor_of(one),
                asking.key_of(one),
                Spool(
                    folder / one["name"], frozenset(known.get(one["name"], {}).get("recent", ()))
                ),
            )
            for one in chosen
            if not asking.is_count(one["name"])
        }
        return Reading(streams, self.progress)

    def _read(self, reading: Reading, asked: list[asking.Found], known: asking.Known) -> None:
        """Ask for these streams and fold the answer in."""
        files = {"catalog": asking.catalog(asked), "state": asking.states(asked, known)}
        try:
            with self.connector.told("read", **files) as messages:
                reading.follow(messages)
        except StalledError:
            for stream in reading.streams.values():
                stream.trouble = stream.trouble or (None if stream.is_complete else STALLED)

    def _read_moved(
        self, reading: Reading, chosen: list[asking.Found], known: asking.Known
    ) -> None:
        """Read the newest of a feed once more when some are missing.

        A record that changed before its page was read has moved to the front, where it was not
        seen: that is no fault, and the LIMS's count is met when it is looked for there.
        """
        short = {
            name
            for name, stream in reading.streams.items()
            if stream.cursor_field and not stream.fault and stream.state
            if self._short(stream, reading.counts.get(name), known.get(name))
        }
        if short:
            asked = [one for one in chosen if asking.counted(one["name"]) in short]
            since = {name: {"airbyte": reading.streams[name].state} for name in short}
            self._read(reading, asked, since)

    def _land(
        self, stream: Stream, reading: Reading, before: dict[str, Any] | None, outbox: Outbox
    ) -> Iterator[Pulled]:
        fault = stream.fault or self._short(stream, reading.counts.get(stream.name), before)
        if fault is not None:
            yield Pulled(
                stream=stream.name, outcome="failed", came=stream.came, rows=0,
                code=fault.code, message=fault.words,
            )  # fmt: skip
            return
        content = stream.spool.content
        earlier = before or {}
        after = {
            "airbyte": stream.state or earlier.get("airbyte"),
            "content": content,
            "recent": _recent(stream, earlier.get("recent", {})),
        }
        is_same = not stream.cursor_field and earlier.get("content") == content
        if is_same or not stream.spool.rows:
            remember(self.connection, stream.name, after)
            yield Pulled(stream=stream.name, outcome="unchanged", came=stream.came, rows=0)
            return
        stream.spool.write(outbox.parquet(stream.name))
        key = f"{self.connection.source}/{stream.name}/{self._name(stream, content)}.parquet"
        about = {"origin": "airbyte", "lims": self.connection.name, "stream": stream.name,
                 "rows": str(stream.spool.rows)}  # fmt: skip
        outbox.commit(
            stream.name, key=key, about=about, after=after | {"key": key, "came": stream.came}
        )
        yield from map(_stored, outbox.deliver(self.store))

    def _name(self, stream: Stream, content: str) -> str:
        """Return the object's name: what comes whole is a new version of the one before."""
        if stream.cursor_field is None:
            return WHOLE
        now = self.clock()
        return f"{now:%Y/%m/%d}/{int(now.timestamp() * 1000)}_{content[:12]}"

    def _short(
        self, stream: Stream, count: int | None, before: dict[str, Any] | None
    ) -> Trouble | None:
        """Return a fault when all was asked for and fewer came than the LIMS itself counts."""
        is_part = stream.cursor_field and (before or self.connector.config.get("start_date"))
        came = len(stream.spool.keys)
        if count is None or is_part or came >= count:
            return None
        return Trouble("LIMS_SHORT", SHORT.format(count=count, rows=came))


def _stored(order: dict[str, Any]) -> Pulled:
    return Pulled(
        stream=order["stream"], outcome="stored", came=order["after"]["came"],
        rows=int(order["about"]["rows"]), key=order["key"],
    )  # fmt: skip


def _recent(stream: Stream, earlier: dict[str, str]) -> dict[str, str]:
    """Return digests of the newest records: the next pull reads them again and knows them so."""
    if stream.cursor_field is None:
        return {}
    cursors = earlier | stream.spool.came
    times = {digest: _time(cursor) for digest, cursor in cursors.items()}
    newest = max((time for time in times.values() if time), default=None)
    if newest is None:
        return {}
    near = sorted(d for d, time in times.items() if time and newest - time <= REMEMBERED)
    return {digest: cursors[digest] for digest in near}


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
