"""Write the list of samples a LIMS would send: the declared layout `sample_list`."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from cytolake.synthetic.culture import CulturePoint

HEADER = ("sample_id", "batch_id", "step", "collected_at", "culture_day", "volume_ml")


def sample_list(points: Sequence[CulturePoint]) -> bytes:
    """Return one row per sample; its times carry their offset."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for point in points:
        collected = point.collected_at.isoformat(timespec="seconds")
        writer.writerow(
            (point.sample_id, point.batch_id, point.step, collected, point.day, point.volume_ml)
        )
    return text.getvalue().encode()
