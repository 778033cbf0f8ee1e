"""What a large file costs the services that it passes: their greatest memory, on a stack.

A file of a tenth of the size goes first: memory that is flat is much the same after both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cytolake.bench_stack import InboundBucket
from cytolake.client import Gateway
from cytolake.stack import Stack
from cytolake.synthetic.process import PROCESS

SERVICES = ("converter", "validator", "transformer", "mart-loader")
PATIENCE_SECONDS = 3600.0


class NotLoadedError(Exception):
    """A large synthetic file did not end in the marts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The greatest resident set of one process so far, MiB: after a tenth, after the whole."""

    tenth: float
    whole: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures and how much the one is of the other."""
        return {
            "mib_at_a_tenth": round(self.tenth, 1),
            "mib": round(self.whole, 1),
            "times": round(self.whole / self.tenth, 3),
        }


def measure_peaks(
    stack: Stack, tenth: Path, whole: Path, progress: Callable[[str], None]
) -> dict[str, Peak]:
    """Send both files through the stack, one after the other."""
    gateway = Gateway.at(stack.env())
    gateway.add_source(PROCESS.name, layout=PROCESS.layout, timezone=PROCESS.timezone)
    found = []
    for path in (tenth, whole):
        progress(f"through the stack: {path.stat().st_size / 1e9:.2f} GB")
        _load(stack, gateway, path)
        found.append(_peaks(stack))
    gateway.close()
    first, last = found
    return {name: Peak(tenth=first[name], whole=last[name]) for name in SERVICES}


def _load(stack: Stack, gateway: Gateway, path: Path) -> None:
    bucket = InboundBucket(stack.env())
    made = bucket.put_file(f"{PROCESS.name}/{path.name}", path)
    bucket.close()
    *_, last = gateway.changes(str(made), timeout_seconds=PATIENCE_SECONDS)
    if last.state != "loaded":
        raise NotLoadedError(f"{path.name} ended {last.state}")


def _peaks(stack: Stack) -> dict[str, float]:
    return {one.name: _peak_mib(one.pid) for one in stack.processes() if one.name in SERVICES}


def _peak_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
