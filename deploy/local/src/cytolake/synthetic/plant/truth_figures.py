"""Figures that several KPIs need: months of a site, medians, percentiles, shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from cytolake.synthetic.plant.catalogue import TIMEZONES

type Row = dict[str, object]
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def month_of(at: datetime, site: str) -> str:
    """Return the first day of the month that the moment is in, by the calendar of the site."""
    return f"{at.astimezone(ZoneInfo(TIMEZONES[site])):%Y-%m-01}"


def share(part: int, whole: int) -> float | None:
    """Return part of whole; None, not 0, when there is nothing to count."""
    return part / whole if whole else None


def middle(values: Sequence[float]) -> float | None:
    """Return the median; None of nothing."""
    return median(values) if values else None


def percentile(values: Iterable[float], fraction: float) -> float | None:
    """Return the percentile, between two values in proportion to their distance."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = (len(ordered) - 1) * fraction
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
