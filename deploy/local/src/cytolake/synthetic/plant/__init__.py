"""A synthetic plant: what truly happened in it, its files and records, and the truth of its KPIs.

Two layers: the *world* is what happened (`build`), and *renderers* write it down as instruments and
a LIMS would (`timeline`). The truth is computed from the world, never from what was written.
"""

from __future__ import annotations

from cytolake.synthetic.plant.drops import Drop
from cytolake.synthetic.plant.model import World
from cytolake.synthetic.plant.timeline import sources_of, timeline
from cytolake.synthetic.plant.truth import KPIS, truth
from cytolake.synthetic.plant.world import build

__all__ = ["KPIS", "Drop", "World", "build", "sources_of", "timeline", "truth"]
