"""The culture of a batch in the synthetic plant: what its counter would read, day by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import exp
from random import Random

from cytolake.synthetic.plant.model import Product, Sample

DAYS = {"car_t": 10, "aav": 5}
SEED_VCD = {"car_t": 0.5, "aav": 0.4}
SEED_VOLUME_ML = {"car_t": 200.0, "aav": 2000.0}
DENSITY_RATIO, VOLUME_RATIO = 6.0, {"car_t": 40 / 6, "aav": 4.0}
POOR = 0.35
"""Of a culture that grows poorly: this share of the usual logarithm of its growth."""
STEP_OF_DAY = {
    "car_t": ("select", "activate", "transduce", *["expand"] * 7, "harvest"),
    "aav": ("thaw", *["expand"] * 5),
}
CROSS_CHECK_DAYS = (0, 5, 10)
"""Days on which a T cell culture is counted on a second counter as well."""
POTENCY_DAYS = (8, 10)
PLATE_WELLS = ("A4", "A7")


def culture(
    batch_id: str, product: Product, start: datetime, random: Random, *, is_poor: bool
) -> list[Sample]:
    """Return the daily samples and what is counted in them."""
    kind = product.modality
    last = DAYS[kind]
    vigour = random.gauss(1.0, 0.05) * (POOR if is_poor else 1.0)
    return [
        _sample(batch_id, kind, start, day, day / last, vigour, random) for day in range(last + 1)
    ]


def _sample(
    batch_id: str,
    kind: str,
    start: datetime,
    day: int,
    share: float,
    vigour: float,
    random: Random,
) -> Sample:
    progress = (share + share * share * (3 - 2 * share)) / 2  # lag, exponential growth, slowing
    dip = 6.5 * exp(-(((day - 2) / 1.6) ** 2)) if kind == "car_t" else 0.0
    place = POTENCY_DAYS.index(day) if kind == "car_t" and day in POTENCY_DAYS else None
    noise = 1 + random.uniform(-0.015, 0.015)
    return Sample(
        sample_id=f"{batch_id}-D{day:02d}",
        batch_id=batch_id,
        step=STEP_OF_DAY[kind][day],
        collected_at=start + timedelta(days=day, minutes=random.randint(0, 40)),
        culture_day=day,
        volume_ml=round(SEED_VOLUME_ML[kind] * VOLUME_RATIO[kind] ** share, 1),
        container="SYNTHETIC tube",
        plate_id=None if place is None else f"{batch_id}-P1",
        well=None if place is None else PLATE_WELLS[place],
        vcd=round(SEED_VCD[kind] * DENSITY_RATIO ** (progress * vigour) * noise, 2),
        viability=round(97.5 - dip + random.uniform(-0.4, 0.4), 1),
    )


def tvc(sample: Sample) -> float:
    """Return the viable cells of the whole culture, in 10^6."""
    return round((sample.vcd or 0.0) * (sample.volume_ml or 0.0), 1)
