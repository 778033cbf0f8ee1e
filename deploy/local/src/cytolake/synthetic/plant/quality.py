"""What the quality unit opened for a batch: deviations, OOS, OOT, and the actions that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from cytolake.synthetic.plant.judging import is_beyond_alert, passes, specification_of
from cytolake.synthetic.plant.model import (
    Kind,
    Product,
    QualityEvent,
    ResultLine,
    Severity,
    Specification,
    Step,
)

DEVIATIONS_PER_BATCH = 0.5
SEVERITIES: tuple[tuple[Severity, float], ...] = (
    ("minor", 0.72),
    ("major", 0.24),
    ("critical", 0.04),
)
P_CAPA = 0.4
CAUSES = (
    "SYNTHETIC: operator error",
    "SYNTHETIC: equipment alarm",
    "SYNTHETIC: material out of range",
    "SYNTHETIC: environmental monitoring",
    "SYNTHETIC: documentation",
)


def quality_events(
    batch_id: str,
    product: Product,
    steps: Sequence[Step],
    lines: Sequence[ResultLine],
    *,
    specifications: Sequence[Specification],
    random: Random,
) -> list[QualityEvent]:
    """Return the batch's quality events in the order in which they were opened."""
    found = [*_deviations(steps, random)]
    for line in lines:
        found += _of_line(product, line, specifications, random)
    found.sort(key=lambda one: (one[3], one[0]))
    return [
        QualityEvent(
            event_id=f"{batch_id}-QE{place:02d}",
            kind=kind,
            severity=severity,
            step=step,
            cause=cause,
            opened_at=opened,
            closed_at=closed,
        )
        for place, (kind, severity, step, opened, closed, cause) in enumerate(found, start=1)
    ]


type _Event = tuple[Kind, Severity, str | None, datetime, datetime, str]


def _deviations(steps: Sequence[Step], random: Random) -> Iterator[_Event]:
    for _ in range(_poisson(DEVIATIONS_PER_BATCH, random)):
        step = random.choice(steps)
        severity = random.choices(
            [name for name, _ in SEVERITIES], [share for _, share in SEVERITIES]
        )[0]
        opened = step.started_at + timedelta(hours=1)
        closed = opened + timedelta(days=random.randint(4, 55), hours=2)
        cause = random.choice(CAUSES)
        yield ("deviation", severity, step.step, opened, closed, cause)
        if severity != "minor" and random.random() < P_CAPA:
            ends = closed + timedelta(days=random.randint(10, 60))
            yield ("capa", severity, step.step, closed, ends, cause)


def _of_line(
    product: Product,
    line: ResultLine,
    specifications: Sequence[Specification],
    random: Random,
) -> Iterator[_Event]:
    said = line.current
    limits = specification_of(
        specifications, product_code=product.product_code, line=line, at=said.tested_at
    )
    opened = said.modified_at + timedelta(hours=2)
    closed = opened + timedelta(days=random.randint(5, 40))
    if passes(said, limits) is False:
        cause = "SYNTHETIC: laboratory error" if said.is_invalidated else "SYNTHETIC: confirmed"
        yield ("oos", "major", "qc", opened, closed, f"{cause}, {line.attribute}")
    elif is_beyond_alert(said, limits):
        yield ("oot", "minor", "qc", opened, closed, f"SYNTHETIC: alert limit, {line.attribute}")


def _poisson(mean: float, random: Random) -> int:
    """Count arrivals of an exponential clock within one unit of time."""
    number, spent = 0, random.expovariate(mean)
    while spent < 1:
        number, spent = number + 1, spent + random.expovariate(mean)
    return number
