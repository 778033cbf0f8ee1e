"""What a bad file is, and the sources that send them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BadSource:
    """A source as it is registered."""

    name: str
    vendor: str | None = None
    layout: str | None = None


COUNTER = BadSource("bad-counter", vendor="BECKMAN_VI_CELL_BLU")
COUNTER_XR = BadSource("bad-counter-xr", vendor="BECKMAN_VI_CELL_XR")
FLOWJO = BadSource("bad-flowjo", vendor="FLOWJO")
UNICORN = BadSource("bad-unicorn", vendor="CYTIVA_UNICORN")
EMPOWER = BadSource("bad-empower", vendor="BENCHLING_EMPOWER")
CYTOMETER = BadSource("bad-cytometer", vendor="FCS")
SAMPLES = BadSource("bad-samples", layout="sample_list")
RESULTS = BadSource("bad-results", layout="result_table")
ENDOTOXIN = BadSource("bad-endotoxin", layout="endotoxin_cartridge")
ANY = BadSource("bad-any")
SOURCES = (
    *(COUNTER, COUNTER_XR, FLOWJO, UNICORN, EMPOWER, CYTOMETER),
    *(SAMPLES, RESULTS, ENDOTOXIN, ANY),
)


@dataclass(frozen=True, slots=True)
class BadFile:
    """A bad file; `what` is wrong with it, `reason` the code that it must end with."""

    what: str
    source: BadSource
    name: str
    body: bytes
    reason: str

    @property
    def state(self) -> str:
        """Where it ends: with people, where a rule is broken or nobody can say what it is."""
        return "quarantined" if self.reason in QUARANTINED else "rejected"


QUARANTINED = frozenset(
    {"CONTRACT_VIOLATION", "WRONG_VENDOR", "AMBIGUOUS_VENDOR", "LAYOUT_CHANGED", "DAMAGED_FILE"}
)
