"""What the plant's LIMS holds: records of every entity, each in the versions that it went through.

Fields are the columns of the raw datasets; a field that is not yet known is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from cytolake.synthetic.plant.batch_records import batch_records
from cytolake.synthetic.plant.catalogue import ORIGIN
from cytolake.synthetic.plant.model import Specification, World
from cytolake.synthetic.plant.record import Record, record

BEGINNING = ORIGIN - timedelta(days=30)
CORRECTED_AT = ORIGIN + timedelta(days=40)
MISTYPED_UPPER = 50.0
"""Endotoxin's limit as it was entered first: 50 for 5. What was judged by it is judged anew."""


def records_of(world: World) -> Iterator[Record]:
    """Yield every version of every record, in no order of time."""
    for product in world.products:
        facts = asdict(product)
        del facts["site"]  # a LIMS says of a batch where it is made
        yield record("product", BEGINNING, 1, facts)
    for instrument in world.instruments:
        yield record("instrument", BEGINNING, 1, instrument)
    for calibration in world.calibrations:
        yield record("calibration", calibration.calibrated_at, 1, calibration)
    for specification in world.specifications:
        yield from _specification(specification, world.horizon)
    seen: set[str] = set()
    for batch in world.batches:
        for use in batch.materials:
            if use.lot.lot_id not in seen:
                seen.add(use.lot.lot_id)
                yield record("material_lot", batch.planned_at, 1, use.lot)
        yield from batch_records(batch, world.seed)


def _specification(one: Specification, horizon: datetime) -> Iterator[Record]:
    if one.attribute != "endotoxin" or horizon < CORRECTED_AT:
        yield record("specification", one.valid_from, 1, one)
        return
    yield record("specification", one.valid_from, 1, replace(one, upper=MISTYPED_UPPER))
    yield record("specification", CORRECTED_AT, 2, one)
