"""Everything that the plant drops, in the order in which it does."""

from __future__ import annotations

from collections.abc import Iterator

from cytolake.synthetic.plant.drops import KINDS, LIMS, Drop, source_of
from cytolake.synthetic.plant.events import lims_drops, sample_list_key
from cytolake.synthetic.plant.faults import with_faults
from cytolake.synthetic.plant.files import files_of
from cytolake.synthetic.plant.model import World
from cytolake.synthetic.sources import SyntheticSource


def timeline(world: World) -> list[Drop]:
    """Return the files and the LIMS's objects by time: the same world, the same bytes."""
    return sorted([*lims_drops(world), *instrument_drops(world)], key=lambda d: (d.at, d.key))


def instrument_drops(world: World) -> Iterator[Drop]:
    """Yield the files of all batches, the spoilt ones and what mends them among them."""
    for batch in world.batches:
        told_in = sample_list_key(batch, world.seed)
        yield from with_faults([*files_of(batch)], batch, seed=world.seed, told_in=told_in)


def sources_of(world: World) -> list[SyntheticSource]:
    """Return every source that the plant may drop from."""
    sites = sorted({product.site for product in world.products})
    return [LIMS, *(source_of(kind, site) for site in sites for kind in KINDS)]
