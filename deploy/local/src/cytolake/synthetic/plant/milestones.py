"""The milestones of a batch, from the patient's collection to the infusion."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from cytolake.synthetic.plant.model import Batch

P_INFUSED = 0.95
"""Of those shipped; the others are not well enough in time."""
DISPOSITIONS = {"released": "release", "rejected": "reject", "terminated": "terminate"}


def milestones_of(batch: Batch, random: Random) -> tuple[tuple[str, datetime], ...]:
    """Return (milestone, time) in the order of time."""
    found: list[tuple[str, datetime]] = []
    if batch.product.is_autologous:
        collected = batch.started_at - timedelta(days=random.randint(2, 4), hours=3)
        found += [("apheresis", collected), ("receipt", collected + timedelta(hours=30))]
    found.append(("start", batch.started_at))
    ends = {step.step: step.ended_at for step in batch.steps if step.ended_at}
    is_lost = batch.status == "terminated"
    for step, milestone in (("harvest", "harvest"), ("cryopreserve", "cryo")):
        if step in ends and not is_lost:
            found.append((milestone, ends[step]))
    if batch.dispositioned_at is not None:
        found.append((DISPOSITIONS[batch.status], batch.dispositioned_at))
    if batch.status == "released" and batch.dispositioned_at is not None:
        shipped = batch.dispositioned_at + timedelta(days=random.randint(1, 3), hours=4)
        found.append(("ship", shipped))
        if batch.product.is_autologous and random.random() < P_INFUSED:
            found.append(("infusion", shipped + timedelta(days=random.randint(3, 14), hours=5)))
    return tuple(found)
