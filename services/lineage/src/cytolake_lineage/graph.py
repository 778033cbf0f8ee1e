"""What one message of the stream tells: who, what, about which object, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch
from typing import Any
from uuid import UUID

from cytolake_contracts import (
    Event,
    FileConverted,
    FileDrifted,
    FileLanded,
    FileProgressed,
    FileQuarantined,
    FileRejected,
    FileValidated,
    LakeBuilt,
    MartLoaded,
    UnreadableEventError,
    read_event,
)

UNREADABLE = "unreadable"
"""The type of an entry about a message that is no event we know. It is kept all the same."""
LONGEST_SUMMARY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an audit entry says of a message; `time` is the event's own, None if unreadable."""

    type: str
    summary: str
    about: str | None = None
    event_id: UUID | None = None
    announcement: int | None = None
    object_id: UUID | None = None
    run_id: UUID | None = None
    time: datetime | None = None


def account(body: bytes) -> Account:
    """Return what the message tells; of an unreadable one, that it is unreadable and why."""
    try:
        event = read_event(body)
    except (UnreadableEventError, RecursionError) as error:
        return Account(type=UNREADABLE, summary=_storable(f"unreadable: {error}"))
    return Account(
        type=event.type,
        summary=_storable(summary(event)),
        about=_storable(event.subject),
        event_id=event.id,
        announcement=event.announcement,
        object_id=event.object_id,
        run_id=event.run_id,
        time=event.time,
    )


def incarnation(known: Sequence[datetime], stored_at: datetime) -> datetime:
    """Return when the stream that holds the message was created.

    `known` are the times at which a stream of this name was seen to be created. A broker that
    was wiped counts its messages from 1 again, so a sequence alone says nothing.
    """
    return max((created for created in known if created <= stored_at), default=min(known))


@singledispatch
def summary(event: Event) -> str:
    """Say in words what happened."""
    return f"{event.subject}: {event.noun_verb}"


@summary.register
def _(event: FileLanded) -> str:
    file = event.data.file
    return (
        f"{file.key} came from {file.source.name}: version {file.object_seq} of its key, "
        f"{file.size_bytes} bytes, SHA-256 {file.content_sha256}; run {event.run_no} opened"
    )


@summary.register
def _(event: FileConverted) -> str:
    table, parser = event.data.table, event.data.parser
    return (
        f"{event.data.file.key} was read by {parser.name} {parser.version}: "
        f"{_counted(table.rows, 'row')} of {table.dataset}{_warned(event.data.warnings)}"
    )


@summary.register
def _(event: FileRejected) -> str:
    data = event.data
    return f"{data.file.key} was rejected ({data.stage}, {data.reason_code}): {data.message}"


@summary.register
def _(event: FileValidated) -> str:
    table = event.data.table
    return (
        f"{event.data.file.key} keeps the contract of {table.dataset} {table.contract_version}: "
        f"{_counted(table.rows, 'row')}{_warned(event.data.warnings)}"
    )


@summary.register
def _(event: FileQuarantined) -> str:
    data = event.data
    why = "; ".join([data.reason_code, *(failure.rule for failure in data.failures)])
    return f"{data.file.key} waits for people ({why}): {data.message}"


@summary.register
def _(event: FileDrifted) -> str:
    data = event.data
    changes = ", ".join([*(f"+{name}" for name in data.added), *(f"-{n}" for n in data.removed)])
    return f"{data.file.key} has another shape than before: {changes or 'another order'}"


@summary.register
def _(event: FileProgressed) -> str:
    data = event.data
    done = f"{data.done_bytes} of {data.total_bytes} bytes"
    return f"{data.file.key}: {data.stage}, {done}, {_counted(data.rows, 'row')} so far"


@summary.register
def _(event: LakeBuilt) -> str:
    data = event.data
    what = _counted(len(data.objects), "file") if data.objects else "tables made anew"
    return (
        f"build {data.build_no} put {what} into the lake: "
        f"snapshot {data.snapshot_id}, marts {', '.join(data.marts) or 'none'}"
    )


@summary.register
def _(event: MartLoaded) -> str:
    data = event.data
    changes = "; ".join(
        f"{mart} +{change.inserted} ~{change.updated} -{change.deleted}"
        for mart, change in data.marts.items()
    )
    return (
        f"the marts show build {data.build_no} (snapshot {data.snapshot_id}) with "
        f"{_counted(len(data.objects), 'file')}: {changes or 'no rows changed'}"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _warned(warnings: Sequence[Any]) -> str:
    return f", {_counted(len(warnings), 'warning')}" if warnings else ""


def _storable(text: str) -> str:
    """PostgreSQL keeps neither NUL nor lone surrogates; what a file is named may hold both."""
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return clean.encode(errors="replace").decode()[:LONGEST_SUMMARY]
