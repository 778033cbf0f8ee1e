"""A batch as the files that its instruments and its LIMS would drop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from cytolake.synthetic.culture import Batch, CulturePoint, grow
from cytolake.synthetic.gen5 import gen5
from cytolake.synthetic.nucleoview import nucleoview
from cytolake.synthetic.sample_list import sample_list
from cytolake.synthetic.sources import (
    GEN5,
    NUCLEOVIEW,
    SAMPLES,
    SITE_TIMEZONE,
    VICELL,
    SyntheticSource,
)
from cytolake.synthetic.vicell_blu import HEADER, vicell_blu

CROSS_CHECK_DAYS = (0, 5, 10)  # counted on the NucleoCounter as well
POTENCY_DAYS = (8, 10)
LOST_DECIMAL_POINT = 10
VIABILITY_COLUMN = HEADER.index("Viability (%)")


@dataclass(frozen=True, slots=True)
class SyntheticFile:
    """One file to drop. `name` is what the instrument would call it."""

    source: SyntheticSource
    name: str
    body: bytes


def batch_files(batch: Batch, *, seed: int) -> list[SyntheticFile]:
    """Return every file of a batch in the order in which a site would see them."""
    return [
        sample_list_file(batch.points, name=batch.batch_id),
        *(count_file(point) for point in batch.points),
        *(_cross_check(point) for point in batch.points if point.day in CROSS_CHECK_DAYS),
        *_potency(batch, seed),
    ]


def count_files(number_of_files: int, *, seed: int, first_batch: int) -> list[SyntheticFile]:
    """Return that many distinct cell counts, after the list of the samples they count."""
    points = list(islice(_points(seed, first_batch), number_of_files))
    listed = sample_list_file(points, name=f"counts-from-{first_batch}")
    return [listed, *(count_file(point) for point in points)]


def sample_list_file(points: Sequence[CulturePoint], *, name: str) -> SyntheticFile:
    """Return the list of these samples."""
    return SyntheticFile(SAMPLES, f"SYNTHETIC-samples-{name}.csv", sample_list(points))


def count_file(point: CulturePoint) -> SyntheticFile:
    """Return the Vi-CELL BLU export of one sample."""
    body = vicell_blu([point], timezone=SITE_TIMEZONE)
    return SyntheticFile(VICELL, f"SYNTHETIC-vicell-{point.sample_id}.csv", body)


def unreadable_count_file(point: CulturePoint) -> SyntheticFile:
    """Return an export that lost its viability column on the way: it is rejected."""
    rows = [line.split(b",") for line in count_file(point).body.splitlines(keepends=True)]
    kept = [row[:VIABILITY_COLUMN] + row[VIABILITY_COLUMN + 1 :] for row in rows]
    body = b"".join(b",".join(row) for row in kept)
    return SyntheticFile(VICELL, f"SYNTHETIC-broken-{point.sample_id}.csv", body)


def implausible_count_file(point: CulturePoint) -> SyntheticFile:
    """Return an export with a viability of some 970 %: readable, so it is quarantined."""
    wrong = replace(point, viability=point.viability * LOST_DECIMAL_POINT)
    body = vicell_blu([wrong], timezone=SITE_TIMEZONE)
    return SyntheticFile(VICELL, f"SYNTHETIC-implausible-{point.sample_id}.csv", body)


def _points(seed: int, first_batch: int) -> Iterator[CulturePoint]:
    number = first_batch
    while True:
        yield from grow(seed, number=number).points
        number += 1


def _cross_check(point: CulturePoint) -> SyntheticFile:
    body = nucleoview(point, timezone=SITE_TIMEZONE)
    return SyntheticFile(NUCLEOVIEW, f"SYNTHETIC-nc200-{point.sample_id}.csv", body)


def _potency(batch: Batch, seed: int) -> list[SyntheticFile]:
    points = [point for point in batch.points if point.day in POTENCY_DAYS]
    if not points:
        return []
    body = gen5(points, seed=seed, timezone=SITE_TIMEZONE)
    return [SyntheticFile(GEN5, f"SYNTHETIC-ifng-{batch.batch_id}.txt", body)]
