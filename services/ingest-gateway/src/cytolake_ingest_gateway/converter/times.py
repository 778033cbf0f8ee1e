"""Times as files have them: a naive one is of the source's site, and 1970 means none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock's reading, of no zone


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and where it was found: `device`, `file` or `received`."""

    at: datetime
    source: str


def device_time(text: object, zone: tzinfo) -> datetime | None:
    """Return the time in UTC; None for what is no time, and for the exact epoch.

    Parsers write 1970-01-01T00:00 for a time that the file lacks, in whatever zone they
    were told: so the wall clock is compared as well as the instant.
    """
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text.strip())
        at = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if read.replace(tzinfo=None) == EPOCH or at.replace(tzinfo=None) == EPOCH:
        return None
    return at


def earliest_known(last_modified: datetime, received_at: datetime) -> Moment:
    """Return when the file is first known to have existed: for values without a time."""
    if last_modified <= received_at:
        return Moment(last_modified.astimezone(UTC), "file")
    return Moment(received_at.astimezone(UTC), "received")
