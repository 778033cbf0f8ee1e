"""What becomes of object versions that intake sees for the first time: pure decisions.

The caller passes what the ledger knows and the sightings, each key's in the store's order,
and carries out the decisions in the same transaction. The rules on the same bytes seen
again are ADR 0012's: a duplicate only where treating it as one changes nothing anybody reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from uuid import UUID

from cytolake_contracts import ReasonCode, SourceRef
from cytolake_ingest_gateway.intake.versions import (
    Decisions,
    Held,
    Known,
    NewObject,
    Opening,
    Sighting,
)
from cytolake_ingest_gateway.lifecycle import State


def decide(known: Known, sightings: Iterable[Sighting], *, at: datetime) -> Decisions:
    """Return what the ledger has to hold once these versions are registered."""
    book = _Book(known, at)
    for sighting in sightings:
        book.see(sighting)
    return Decisions(tuple(book.objects), tuple(book.repointed), tuple(book.openings))


class _Book:
    """The ledger as it changes while one sighting after the other is decided."""

    def __init__(self, known: Known, at: datetime) -> None:
        self.at = at
        self.sources = known.sources
        self.seen = set(known.registered)
        self.heads = {head.address: head for head in known.heads}
        self.parsed = set(known.parsed)
        self.elsewhere = {content: set(names) for content, names in known.elsewhere.items()}
        self.objects: list[NewObject] = []
        self.repointed: list[tuple[UUID, UUID]] = []
        self.openings: list[Opening] = []

    def see(self, sighting: Sighting) -> None:
        if sighting.object_id in self.seen:
            return
        self.seen.add(sighting.object_id)
        if sighting.content_sha256 is None:
            self.objects.append(_vanished(sighting, self._now()))
            return
        before = self.heads.get(sighting.address)
        held = self._held(sighting, sighting.content_sha256, before)
        new = self._entry(sighting, held)
        self.heads[held.address] = held
        self.elsewhere.setdefault(held.content_sha256, set()).add(held.source)
        self.objects.append(new)
        if new.state is State.RECEIVED:
            self._open(held, "a new version arrived")
        if before is not None and not before.is_same_as(held):
            self._heal(before, held)

    def _held(self, sighting: Sighting, content: str, before: Held | None) -> Held:
        registration = self.sources.get(sighting.source)
        held = Held(
            object_id=sighting.object_id,
            address=sighting.address,
            object_seq=before.object_seq + 1 if before else 1,
            source=sighting.source,
            source_revision=registration.revision if registration else None,
            content_sha256=content,
            received_at=self._now(),
            original_address=sighting.address,
            is_refused=registration is None,
        )
        twin = self._twin(held)
        if twin is None:
            return held
        return replace(held, duplicate_of=twin.original, original_address=twin.original_address)

    def _now(self) -> datetime:
        """A microsecond apart, so that the order of arrival is the order of entry."""
        return self.at + timedelta(microseconds=len(self.objects))

    def _twin(self, held: Held) -> Held | None:
        """Return the current version whose rows already stand for these bytes, if any."""
        here = self.heads.get(held.address)
        if here is not None and _stands_for(here, held):
            return here
        if held.address in self.parsed:
            return None  # a duplicate has no rows: the key's older version would stay current
        twins = [head for head in self.heads.values() if _stands_for(head, held)]
        return min(twins, key=lambda head: (head.received_at, head.object_id), default=None)

    def _entry(self, sighting: Sighting, held: Held) -> NewObject:
        entry = NewObject(
            sighting=sighting,
            object_seq=held.object_seq,
            source_revision=held.source_revision,
            received_at=held.received_at,
            state=State.RECEIVED,
            duplicate_of=held.duplicate_of,
        )
        if held.is_refused:
            return replace(
                entry,
                state=State.REJECTED,
                reason_code=ReasonCode.UNKNOWN_SOURCE,
                message=_unknown_source(held),
            )
        if held.duplicate_of is not None:
            return replace(
                entry,
                state=State.DUPLICATE,
                reason_code=ReasonCode.DUPLICATE_CONTENT,
                message=_same_bytes(held),
            )
        return replace(entry, warnings=self._warnings(held))

    def _warnings(self, held: Held) -> tuple[str, ...]:
        others = sorted(self.elsewhere.get(held.content_sha256, set()) - {held.source})
        found = [f"The same bytes also came from source {other!r}." for other in others]
        twins = [h for h in self.heads.values() if _stands_for(h, held)]
        found += [f"The same bytes are also current as {twin.address[1]!r}." for twin in twins]
        return (*found, *_name_warnings(held, self.sources[held.source].ref))

    def _open(self, held: Held, why: str) -> None:
        source = self.sources[held.source].ref
        self.openings.append(Opening(object_id=held.object_id, source=source, reason=why))
        self.parsed.add(held.address)

    def _heal(self, before: Held, now: Held) -> None:
        """`before` is not current any more: see to those elsewhere that relied on its rows."""
        heirs = sorted(
            (head for head in self.heads.values() if _relies_on(head, before)),
            key=lambda head: (head.received_at, head.object_id),
        )
        if heirs and before.content_sha256 != now.content_sha256:
            now, *heirs = heirs
            now = replace(now, duplicate_of=None, original_address=now.address)
            self.heads[now.address] = now
            self._open(now, f"the object it duplicated, {before.address[1]!r}, was overwritten")
        for heir in heirs:
            self.heads[heir.address] = replace(
                heir, duplicate_of=now.original, original_address=now.original_address
            )
            self.repointed.append((heir.object_id, now.original))


def _stands_for(head: Held, held: Held) -> bool:
    return head.is_same_as(held) and not head.is_refused


def _relies_on(head: Held, before: Held) -> bool:
    is_duplicate = head.duplicate_of is not None
    return is_duplicate and head.original_address == before.address and head.is_same_as(before)


def _name_warnings(held: Held, source: SourceRef) -> list[str]:
    """Instruments write names of one kind; their computers mostly do not mind the case."""
    name = held.address[1].rsplit("/", 1)[-1]
    patterns = source.file_names
    if not patterns or any(fnmatchcase(name.casefold(), one.casefold()) for one in patterns):
        return []
    expected = f"as expected of source {source.name!r} ({' or '.join(patterns)})"
    return [f"The name {name!r} is not {expected}. Is it in the right place?"]


def _vanished(sighting: Sighting, at: datetime) -> NewObject:
    return NewObject(
        sighting=sighting,
        object_seq=None,
        source_revision=None,
        received_at=at,
        state=State.VANISHED,
        reason_code=ReasonCode.OBJECT_MISSING,
        message=f"The store told of {sighting.key!r}, but when it was to be read it was gone.",
    )


def _unknown_source(held: Held) -> str:
    return (
        f"No source {held.source!r} is registered: the first part of the key names the source. "
        "The file is kept; register the source, then put the file again."
    )


def _same_bytes(held: Held) -> str:
    return (
        f"The same bytes are there already as {held.original_address[1]!r}, from the same "
        "source. This copy is kept; its rows are those of the first."
    )
