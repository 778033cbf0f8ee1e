"""Build the world of a plant from a seed: the same seed and number of batches, the same world."""

from __future__ import annotations

from datetime import timedelta

from cytolake.synthetic.plant.catalogue import (
    CAR_T,
    PRODUCTS,
    specifications,
)
from cytolake.synthetic.plant.devices import INSTRUMENTS, calibrations
from cytolake.synthetic.plant.horizon import cut
from cytolake.synthetic.plant.making import Making
from cytolake.synthetic.plant.model import World
from cytolake.synthetic.plant.schedule import start_of

AFTER_LAST_START = timedelta(days=8)
"""The horizon: by then the last batches are still being made, those before them tested."""


def build(seed: int, batches: int) -> World:
    """Return the world of that many batches."""
    making = Making(seed=seed, specifications=specifications())
    made = [making.batch(number) for number in range(1, batches + 1)]
    horizon = start_of(batches, CAR_T) + AFTER_LAST_START
    return World(
        seed=seed,
        horizon=horizon,
        products=PRODUCTS,
        specifications=tuple(one for one in making.specifications if one.valid_from <= horizon),
        instruments=INSTRUMENTS,
        calibrations=tuple(one for one in calibrations() if one.calibrated_at <= horizon),
        batches=tuple(cut(one, horizon) for one in made),
    )
