"""What the cell counters print of a sample: the truth as far as anybody can read it."""

from __future__ import annotations

from dataclasses import dataclass

from cytolake.synthetic.plant.growth import CROSS_CHECK_DAYS
from cytolake.synthetic.plant.model import Product, Sample


@dataclass(frozen=True, slots=True)
class Reading:
    """One count, in 10^6 cells/mL and percent."""

    counter: str
    vcd: float
    viability: float


def readings_of(product: Product, sample: Sample) -> list[Reading]:
    """Return the counts of a culture sample: one, or two on the days of the cross check."""
    if sample.vcd is None or sample.viability is None:
        return []
    found = [Reading("vicell", sample.vcd, sample.viability)]
    if product.modality == "car_t" and sample.culture_day in CROSS_CHECK_DAYS:
        # The second counter prints cells per mL with three digits.
        found.append(
            Reading("nucleoview", float(f"{sample.vcd * 1e6:.2E}") / 1e6, sample.viability)
        )
    return found
