"""What an event says, in a sentence for people, and the figures that the ledger keeps of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from cytolake_contracts import (
    DeadLetter,
    Event,
    FileConverted,
    FileConvertedData,
    FileDriftedData,
    FileLandedData,
    FileProgressedData,
    FileQuarantined,
    FileQuarantinedData,
    FileRejected,
    FileRejectedData,
    FileValidatedData,
    LakeBuiltData,
    MartLoadedData,
    Payload,
    ReasonCode,
    Recognition,
    UnreadCells,
)

SHOWN = 3
"""So many warnings and examples; all of them are in the event's data."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a file did not become rows: the code that stays, the sentence that is read."""

    code: str
    message: str


def sentence(event: Event) -> str:
    """Return the event's line in a file's history."""
    return _said(event.data)


@singledispatch
def _said(data: Payload) -> str:
    return type(data).__name__


@_said.register
def _landed(data: FileLandedData) -> str:
    if data.decision is not None:
        decided = data.decision
        return f"Read again: {decided.action} by {decided.actor} ({decided.reason})."
    return f"Registered {data.file.key}, {_count(data.file.size_bytes, 'byte')}."


@_said.register
def _converted(data: FileConvertedData) -> str:
    parser = f"{data.parser.vendor or data.parser.name} {data.parser.version}"
    tables = (f"{_count(one.rows, 'row')} of {one.dataset}" for one in (data.table, *data.others))
    done = f"Converted by {parser} to {' and '.join(tables)}."
    kept = (f"{one.what}: {_count(one.rows, 'row')} in {one.key}." for one in data.kept)
    seen = (*_recognised(data.recognition), *_unread(data.unread))
    return " ".join([done, *kept, *seen, *_warned(data)])


def _recognised(told: Recognition | None) -> Iterator[str]:
    if told is None:
        return
    for words, found in (
        ("Recognised", told.matched),
        ("Runner-up", told.runners_up),
        ("Refused", told.refused),
    ):
        if found:
            yield f"{words}: {'; '.join(found)}."


def _unread(unread: UnreadCells | None) -> Iterator[str]:
    if unread is not None and unread.count:
        shown = "; ".join(unread.examples[:SHOWN])
        cells = "1 cell is" if unread.count == 1 else f"{unread.count} cells are"
        yield f"{cells} in no row ({shown})."


def _warned(data: FileConvertedData) -> Iterator[str]:
    if data.warnings:
        shown = " ".join(f"{words.rstrip('.')}." for words in data.warnings[:SHOWN])
        yield f"{_count(len(data.warnings), 'warning')}: {shown}"


@_said.register
def _refused(data: FileRejectedData | FileQuarantinedData) -> str:
    return " ".join([data.message, *_recognised(data.recognition)])


@_said.register
def _validated(data: FileValidatedData) -> str:
    warned = f", {_count(len(data.warnings), 'warning')}" if data.warnings else ""
    return f"Kept contract {data.table.dataset} {data.table.contract_version}{warned}."


@_said.register
def _drifted(data: FileDriftedData) -> str:
    changed = [f"new: {', '.join(data.added)}"] if data.added else []
    changed += [f"gone: {', '.join(data.removed)}"] if data.removed else []
    what = "; ".join(changed) or "columns in another order"
    return f"Its shape is not the one that {data.file.source.name} sent before ({what})."


@_said.register
def _progressed(data: FileProgressedData) -> str:
    share = 100 * data.done_bytes // max(data.total_bytes, 1)
    return f"{data.stage}: {share} %, {_count(data.rows, 'row')} so far."


@_said.register
def _built(data: LakeBuiltData) -> str:
    if not data.objects:
        return f"Tables made anew: build {data.build_no}, snapshot {data.snapshot_id}."
    files = _count(len(data.objects), "file")
    return f"In the lake with build {data.build_no} ({files}), snapshot {data.snapshot_id}."


@_said.register
def _loaded(data: MartLoadedData) -> str:
    changed = sum(mart.inserted + mart.updated + mart.deleted for mart in data.marts.values())
    return f"In the marts: build {data.build_no} changed {_count(changed, 'row')}."


def sentence_of_death(letter: DeadLetter) -> str:
    """Return what happened to a message that nobody could work on."""
    first_line = letter.message.strip().partition("\n")[0][:500]
    return (
        f"The {letter.service} could not work on this file and will not try again by itself: "
        f"{letter.error_type}: {first_line}. The file is kept and its message can be replayed."
    )


def reason(event: Event) -> Reason | None:
    """Return why the file did not become rows, when the event says so."""
    if isinstance(event, FileRejected | FileQuarantined):
        return Reason(event.data.reason_code, event.data.message)
    return None


def reason_of_death(letter: DeadLetter) -> Reason:
    return Reason(ReasonCode.DEAD_LETTERED, sentence_of_death(letter))


def rows(event: Event) -> int | None:
    """Return how many rows the file became, when the event says so."""
    return event.data.table.rows if isinstance(event, FileConverted) else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
