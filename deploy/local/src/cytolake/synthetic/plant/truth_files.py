"""The truth of files: how many each source drops, and how many of them fail on purpose.

When a file arrives is a matter of the stack and its clock, so times have no truth here.
"""

from __future__ import annotations

from collections import defaultdict

from cytolake.synthetic.plant.model import World
from cytolake.synthetic.plant.timeline import timeline
from cytolake.synthetic.plant.truth_figures import Row, share


def file_to_result(world: World) -> list[Row]:
    """Files and failed ones, by source."""
    found = defaultdict(list)
    for drop in timeline(world):
        found[drop.source.name].append(drop.ends)
    return [
        {
            "source": source,
            "n": len(ends),
            "n_rejected": ends.count("rejected"),
            "n_quarantined": ends.count("quarantined"),
            "failed_share": share(len(ends) - ends.count("loaded"), len(ends)),
        }
        for source, ends in sorted(found.items())
    ]
