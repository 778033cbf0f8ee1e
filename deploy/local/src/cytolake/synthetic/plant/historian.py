"""Readings of a batch's bioreactor as a process historian exports them, every half hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from cytolake.synthetic.plant.model import Batch
from cytolake.synthetic.process import HEADER

EVERY = timedelta(minutes=30)
TAGS = (
    ("Temperature.PV", "°C", 36.9, 0.15),
    ("pH.PV", "pH", 7.05, 0.05),
    ("DO.PV", "%", 48.0, 6.0),
    ("Agitation.PV", "rpm", 110.0, 2.0),
)


def historian_csv(batch: Batch, start: datetime, end: datetime) -> bytes:
    """Return every tag at every half hour from start to end; times carry their offset."""
    random = Random(f"historian/{batch.batch_id}")  # noqa: S311  (a sensor, not a secret)
    lines = [HEADER.decode()]
    at = start.replace(second=0)
    while at <= end:
        for tag, unit, mean, spread in TAGS:
            value = random.gauss(mean, spread)
            lines.append(
                f"{at.isoformat()},{batch.batch_id},SYNTHETIC-BR-{batch.number % 3 + 1},"
                f"{tag},{value:.2f},{unit}\n"
            )
        at += EVERY
    return "".join(lines).encode()
