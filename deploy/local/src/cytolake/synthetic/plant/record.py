"""One version of one record of the LIMS."""

from __future__ import annotations

from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the LIMS says of an entity from `at` on, and when that is told."""

    entity: str
    verb: str
    at: datetime
    told_at: datetime
    data: dict[str, Any]
    is_alone: bool = False
    """Whether it is told in an event of its own, as a webhook tells it."""


def record(
    entity: str,
    at: datetime,
    version: int,
    facts: DataclassInstance | dict[str, Any],
    *,
    verb: str = "updated",
    told_at: datetime | None = None,
    is_alone: bool = False,
) -> Record:
    """Return a record; facts that are None are not told."""
    fields = asdict(facts) if is_dataclass(facts) else facts
    told = {name: _told(value) for name, value in fields.items() if value is not None}
    return Record(
        entity=entity,
        verb="created" if version == 1 and verb == "updated" else verb,
        at=at,
        told_at=told_at or at,
        data={**told, "record_version": version, "modified_at": at.isoformat()},
        is_alone=is_alone,
    )


def _told(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
