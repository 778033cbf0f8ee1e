"""The truth behind a synthetic batch: one autologous CAR-T expansion, day by day.

A bag is seeded with 100 x10^6 cells at 0.5 x10^6/mL and fed as it grows; ten days later
it holds about forty times as many at 3 x10^6/mL. Viability dips after transduction and
recovers. The figures are plausible (DOMAIN.md 4.2), not taken from any process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log2
from random import Random

START = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
DAYS = tuple(range(11))
HARVEST_DAY = 10
SEED_VCD, HARVEST_VCD = 0.5, 3.0
SEED_VOLUME_ML, FEED_RATIO = 200.0, 40 / 6
NOISE = 0.015
WEEKS = 36  # batches start a week apart; the year is not left, however many there are


@dataclass(frozen=True, slots=True, kw_only=True)
class CulturePoint:
    """One sample of the culture. Densities in 10^6 cells/mL, viability in percent."""

    sample_id: str
    batch_id: str
    step: str
    day: int
    collected_at: datetime
    vcd: float
    viability: float
    volume_ml: float

    @property
    def tcd(self) -> float:
        """All cells, living and dead, in 10^6/mL."""
        return self.vcd / (self.viability / 100)

    @property
    def tvc(self) -> float:
        """Viable cells of the whole bag, in 10^6."""
        return self.vcd * self.volume_ml


@dataclass(frozen=True, slots=True)
class Batch:
    """An ISA-88 batch and what is true of it, oldest sample first."""

    batch_id: str
    points: tuple[CulturePoint, ...]

    @property
    def fold_expansion(self) -> float:
        """How many times the viable cells of the first sample the last one holds."""
        return self.points[-1].tvc / self.points[0].tvc

    @property
    def pdl(self) -> float:
        """Population doublings between the first and the last sample."""
        return log2(self.fold_expansion)


def grow(seed: int, *, number: int = 1, days: tuple[int, ...] = DAYS) -> Batch:
    """Grow batch `number`; the same seed and number give the same batch for ever."""
    random = Random(f"{seed}/{number}")  # noqa: S311  (a culture, not a secret)
    batch_id = f"SYN-B{number:04d}"
    start = START + timedelta(weeks=number % WEEKS)
    return Batch(batch_id, tuple(_point(random, batch_id, start, day) for day in days))


def _point(random: Random, batch_id: str, start: datetime, day: int) -> CulturePoint:
    share = day / HARVEST_DAY
    return CulturePoint(
        sample_id=f"{batch_id}-D{day:02d}",
        batch_id=batch_id,
        step="activate" if day == 0 else "harvest" if day == HARVEST_DAY else "expand",
        day=day,
        collected_at=start + timedelta(days=day, minutes=random.randint(-20, 20)),
        vcd=round(SEED_VCD * (HARVEST_VCD / SEED_VCD) ** _progress(share) * _noise(random), 2),
        viability=round(97.5 - 6.5 * exp(-(((day - 2) / 1.6) ** 2)) + random.uniform(-0.4, 0.4), 1),
        volume_ml=round(SEED_VOLUME_ML * FEED_RATIO**share, 1),
    )


def _progress(share: float) -> float:
    """Lag, exponential growth, slowing: from 0 to 1 as the culture ages."""
    return (share + share * share * (3 - 2 * share)) / 2


def _noise(random: Random) -> float:
    return 1 + random.uniform(-NOISE, NOISE)
