"""What the plant drops: one file, when, from where, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from cytolake.synthetic.plant.catalogue import TIMEZONES
from cytolake.synthetic.sources import SyntheticSource

Ends = Literal["loaded", "rejected", "quarantined"]
LIMS = SyntheticSource(
    name="lims/plant", about="LIMS (synthetic)", layout="lims_canonical", timezone="UTC"
)
KINDS = {
    "vicell": ("Vi-CELL BLU cell counter", "BECKMAN_VI_CELL_BLU", None),
    "nucleoview": ("NucleoCounter NC-200", "CHEMOMETEC_NUCLEOVIEW", None),
    "gen5": ("Gen5 plate reader", "AGILENT_GEN5", None),
    "flow": ("flow cytometry results", None, "result_table"),
    "qpcr": ("qPCR results", None, "result_table"),
    "endotoxin": ("endotoxin reader", None, "endotoxin_cartridge"),
    "sterility": ("culture bottle incubator", None, "sterility_bottles"),
    "historian": ("process historian", None, "process_long"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """One file of the plant. `fault` says what was done to it on purpose, if anything."""

    at: datetime
    source: SyntheticSource
    name: str
    body: bytes
    ends: Ends = "loaded"
    reason_code: str | None = None
    fault: str | None = None
    after: str | None = None
    """The key of a drop that must have ended first: what it says or shows gives this one away."""

    @property
    def key(self) -> str:
        """The key in the inbound bucket."""
        return f"{self.source.name}/{self.name}"


def source_of(kind: str, site: str) -> SyntheticSource:
    """Return the source of that kind of instrument at a site."""
    about, vendor, layout = KINDS[kind]
    return SyntheticSource(
        name=f"{site.lower()}-{kind}",
        about=f"{about} (synthetic)",
        vendor=vendor,
        layout=layout,
        timezone=TIMEZONES[site],
    )


def zone_of(source: SyntheticSource) -> ZoneInfo:
    """Return the source's time zone."""
    return ZoneInfo(source.timezone)
