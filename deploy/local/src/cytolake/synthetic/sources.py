"""The registered sources that a synthetic batch comes from."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

SITE_TIMEZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticSource:
    """What `source add` is told. Exactly one of vendor and layout is set."""

    name: str
    about: str
    vendor: str | None = None
    layout: str | None = None
    timezone: str = SITE_TIMEZONE.key


VICELL = SyntheticSource(
    name="syn-vicell", about="Vi-CELL BLU cell counter", vendor="BECKMAN_VI_CELL_BLU"
)
NUCLEOVIEW = SyntheticSource(
    name="syn-nucleoview", about="NucleoCounter NC-200", vendor="CHEMOMETEC_NUCLEOVIEW"
)
GEN5 = SyntheticSource(name="syn-gen5", about="Gen5 plate reader", vendor="AGILENT_GEN5")
SAMPLES = SyntheticSource(name="syn-samples", about="sample list", layout="sample_list")
SOURCES = (SAMPLES, VICELL, NUCLEOVIEW, GEN5)
