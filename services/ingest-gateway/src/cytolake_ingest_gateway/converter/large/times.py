"""How a large file writes its times: found from the first, and held to by every other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from cytolake_ingest_gateway.converter.large.wallclock import in_utc

_ZONED = re.compile(r"(Z|[+-]\d\d(:?\d\d)?)$")
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]|$)")
_ZONE = r"(Z|[+-]\d\d(:?\d\d)?)$"
DOTTED = ("%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column of times: its type and format for the CSV reader, and the SQL of its UTC."""

    type: str
    format: str | None
    sql: str


def time_column(column: str, first: str, formats: Sequence[str], zone: tzinfo) -> TimeColumn | None:
    """Return how to read the column whose first cell is this; None where nothing fits."""
    for form in formats or ([] if _ISO.match(first) else DOTTED):
        if (read := _read(first, form)) is not None:
            if read.tzinfo is not None:
                return TimeColumn("TIMESTAMPTZ", form, column)
            return TimeColumn("TIMESTAMP", form, in_utc(column, zone, read))
    return _iso(column, first, zone) if not formats and _ISO.match(first) else None


def _iso(column: str, first: str, zone: tzinfo) -> TimeColumn | None:
    try:
        read = datetime.fromisoformat(first)
    except ValueError:
        return None
    if not _ZONED.search(first[10:]):
        return TimeColumn("TIMESTAMP", None, in_utc(column, zone, read))
    # A cell without its zone among others with theirs would be taken for UTC: it becomes none.
    held = f"CASE WHEN regexp_matches(substr({column}, 11), '{_ZONE}') THEN {column} END"
    return TimeColumn("VARCHAR", None, f"TRY_CAST({held} AS TIMESTAMPTZ)")


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - naive where the form has no zone
    except ValueError:
        return None
