"""The truth of files: how many there are of each vendor, and how many of them fail on purpose.

When a file arrives is a matter of the stack and its clock, so times have no truth here.
"""

from __future__ import annotations

from collections import defaultdict

from cytolake.synthetic.plant.model import World
from cytolake.synthetic.plant.timeline import timeline
from cytolake.synthetic.plant.truth_figures import Row, share


def file_to_result(world: World) -> list[Row]:
    """Files and failed ones, by vendor; what is read by a layout has none."""
    found = defaultdict(list)
    for drop in timeline(world):
        found[drop.source.vendor].append(drop.ends)
    return [
        {
            "vendor": vendor,
            "n_ended": len(ends),
            "n_failed": len(ends) - ends.count("loaded"),
            "failed_share": share(len(ends) - ends.count("loaded"), len(ends)),
        }
        for vendor, ends in sorted(found.items(), key=lambda one: one[0] or "")
    ]
