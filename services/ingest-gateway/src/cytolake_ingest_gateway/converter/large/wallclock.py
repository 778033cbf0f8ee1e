"""A site's wall clock as UTC, in SQL that costs nothing: offsets by their dates.

DuckDB's own `timezone()` looks every value up in ICU, which doubles the time of a large file.
Where a clock goes back, the first passage of the repeated hour is meant, and a time in the hour
that is left out counts from before it: as Python's `datetime` reads them (PEP 495, fold 0).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

YEARS_BEFORE, YEARS_AFTER = 1, 5
"""Around a file's first time; for times further away DuckDB asks ICU."""
SECOND = timedelta(seconds=1)


def in_utc(column: str, zone: tzinfo, near: datetime) -> str:
    """Return the SQL of a TIMESTAMP column as TIMESTAMPTZ; `near` is a wall clock's reading."""
    first = datetime(max(near.year - YEARS_BEFORE, 1900), 1, 1)  # noqa: DTZ001 - a wall clock
    last = datetime(near.year + YEARS_AFTER, 1, 1)  # noqa: DTZ001
    changes = list(offset_changes(zone, first, last))
    offsets = [_offset(zone, first), *(offset for _, offset in changes)]
    cases = [
        f"WHEN {column} < TIMESTAMP '{until}' THEN {_us(offset)}"
        for (until, _), offset in zip(changes, offsets, strict=False)
    ]
    offset = f"CASE {' '.join(cases)} ELSE {_us(offsets[-1])} END" if cases else _us(offsets[-1])
    near_utc = f"make_timestamptz(epoch_us({column}) - ({offset}))"
    if not cases and zone.utcoffset(None) is not None:
        return near_utc
    return (
        f"CASE WHEN {column} >= TIMESTAMP '{first}' AND {column} < TIMESTAMP '{last}' "
        f"THEN {near_utc} ELSE timezone('{zone}', {column}) END"
    )


def offset_changes(
    zone: tzinfo, first: datetime, last: datetime
) -> Iterator[tuple[datetime, timedelta]]:
    """Yield the wall clock's readings between the two from which another offset holds."""
    at, end = first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
    while at < end:
        following = min(at + timedelta(days=1), end)
        before, after = at.astimezone(zone).utcoffset(), following.astimezone(zone).utcoffset()
        if before != after and before is not None and after is not None:
            moment = _moment(zone, at, following)
            yield (moment + max(before, after)).replace(tzinfo=None), after
        at = following


def _moment(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """Return the instant between the two at which the offset changes, to the second."""
    before = low.astimezone(zone).utcoffset()
    while high - low > SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (
            (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
        )
    return high


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()


def _us(offset: timedelta) -> str:
    return str(offset // timedelta(microseconds=1))
