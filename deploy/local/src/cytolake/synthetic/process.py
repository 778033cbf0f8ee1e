"""Readings of a synthetic bioreactor as a CSV of any size, one a row: every tag once a second.

Deterministic, and written faster than any disk takes it. Layout `process_long`; the batch and the
unit operation say that they are synthetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from cytolake.synthetic.sources import SyntheticSource

PROCESS = SyntheticSource(
    name="syn-process", about="process historian (synthetic)", layout="process_long"
)
HEADER = b"time,batch,unit operation,tag,value,unit\n"
FIRST_DAY = date(2026, 3, 2)
TAGS = (
    ("Temperature.PV", "°C", 36.8, 0.4),
    ("pH.PV", "pH", 6.95, 0.2),
    ("DO.PV", "%", 35.0, 15.0),
    ("Agitation.PV", "rpm", 110.0, 20.0),
    ("Feed.Flow", "mL/h", 2.0, 1.0),
    ("Weight.PV", "g", 790.0, 60.0),
)
PERIOD = 997
"""Values repeat after so many seconds: a prime, so that no minute is like another."""


def process_csv(size_bytes: int, *, batch: int = 1) -> Iterator[bytes]:
    """Yield a file of at least so many bytes, in pieces of some 100 kB, whole lines each."""
    yield HEADER
    seconds, written = _seconds(batch), len(HEADER)
    clock = [
        f"{h:02}:{m:02}:{s:02}".encode() for h in range(24) for m in range(60) for s in range(60)
    ]
    day = 0
    while True:
        stamp = f"{FIRST_DAY + timedelta(days=day)} ".encode()
        for start in range(0, len(clock), 300):
            piece = b"".join(
                seconds[(day * len(clock) + start + n) % PERIOD].replace(b"\0", stamp + at)
                for n, at in enumerate(clock[start : start + 300])
            )
            yield piece
            written += len(piece)
            if written >= size_bytes:
                return
        day += 1


def _seconds(batch: int) -> list[bytes]:
    """Return the lines of each second of a period, a NUL where the time goes."""
    name = f"SYNTHETIC-PR-{batch:04}"
    return [
        "".join(
            f"\0,{name},SYNTHETIC-BR-1,{tag},"
            f"{base + span * ((second * 31 + n * 7) % 100) / 100:.3f},{unit}\n"
            for n, (tag, unit, base, span) in enumerate(TAGS)
        ).encode()
        for second in range(PERIOD)
    ]
