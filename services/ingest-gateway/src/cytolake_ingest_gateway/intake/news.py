"""What the tracker hears, brought to one form, and folded into the runs it is about."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from cytolake_contracts import (
    DeadLetter,
    Event,
    LakeBuilt,
    MartLoaded,
    UnreadableEventError,
    read_event,
)
from cytolake_contracts.identity import NAMESPACE, event_id
from cytolake_ingest_gateway.intake import words
from cytolake_ingest_gateway.lifecycle import Standing, fold


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One event or dead letter: a row of the history, and what it proves about its runs."""

    event_id: UUID
    kind: str
    """`file.landed` … `mart.loaded`, or `dead.<service>`: a key of `lifecycle.STEPS`."""
    time: datetime
    stream_sequence: int | None
    message: str
    data: str
    """JSON."""
    run_id: UUID | None = None
    covers: tuple[UUID, ...] = ()
    """The runs of a build, where it is about one."""
    reason: words.Reason | None = None
    rows: int | None = None

    @property
    def runs(self) -> tuple[UUID, ...]:
        return self.covers if self.run_id is None else (self.run_id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A run's standing in the ledger; `since`, `reason` and `rows` are of what is new."""

    run_id: UUID
    standing: Standing
    since: datetime | None = None
    reason: words.Reason | None = None
    rows: int | None = None


def news_of_event(event: Event, *, sequence: int) -> News:
    return News(
        event_id=event.id,
        kind=event.noun_verb,
        time=event.time,
        stream_sequence=sequence,
        message=words.sentence(event),
        data=event.data.model_dump_json(exclude_none=True),
        run_id=event.run_id,
        covers=_covered(event),
        reason=words.reason(event),
        rows=words.rows(event),
    )


def news_of_letter(letter: DeadLetter, *, sequence: int) -> News:
    cause = _cause(letter)
    where = f"{letter.consumer}/{letter.stream}/{letter.sequence}/{letter.time.isoformat()}"
    return News(
        event_id=event_id(NAMESPACE, f"dead/{where}"),
        kind=f"dead.{letter.service}",
        time=letter.time,
        stream_sequence=sequence,
        message=words.sentence_of_death(letter),
        data=letter.model_dump_json(include={"service", "consumer", "deliveries", "error_type"}),
        run_id=cause.run_id if cause else None,
        covers=_covered(cause) if cause else (),
        reason=words.reason_of_death(letter),
    )


def folded(runs: Mapping[UUID, Progress], news: Iterable[News]) -> list[Progress]:
    """Return the runs that this news moved, as they stand after all of it."""
    now = dict(runs)
    for item in news:
        for run in item.runs:
            if run in now:
                now[run] = _told(now[run], item)
    return [progress for run, progress in now.items() if progress is not runs[run]]


def _told(run: Progress, item: News) -> Progress:
    standing = fold(run.standing, item.kind)
    if item.rows is not None and item.rows != run.rows:
        run = replace(run, rows=item.rows)
    if standing == run.standing:
        return run
    return replace(run, standing=standing, since=item.time, reason=item.reason)


def _covered(event: Event) -> tuple[UUID, ...]:
    if isinstance(event, LakeBuilt | MartLoaded):
        return tuple(dict.fromkeys(built.run_id for built in event.data.objects))
    return ()


def _cause(letter: DeadLetter) -> Event | None:
    try:
        is_text = letter.payload_encoding == "utf-8"
        body = letter.payload.encode() if is_text else base64.b64decode(letter.payload)
        return read_event(body)
    except (UnreadableEventError, binascii.Error):
        return None
