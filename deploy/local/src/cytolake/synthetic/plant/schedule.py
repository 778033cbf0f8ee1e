"""When a batch's steps were to run, and when they ran."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from cytolake.synthetic.plant.catalogue import BATCHES_A_WEEK, ORIGIN, STEPS
from cytolake.synthetic.plant.model import Product, Step

P_REPEATED = 0.012
"""Share of the steps that are done again; a batch has nine, so about a tenth have one."""
QUEUE_HOURS, SPREAD = 0.6, 0.05
OPERATORS = tuple(f"SYN-OP-{number}" for number in range(1, 9))
FIRST_HOUR = {"SYN-BERLIN": 0, "SYN-BOSTON": 7}
"""After ORIGIN's: work begins in daylight, and never in an hour that summer time repeats."""


def start_of(number: int, product: Product) -> datetime:
    """Return when batch `number` begins."""
    day = number * 7 // BATCHES_A_WEEK
    hours = FIRST_HOUR[product.site] + 1.5 * (number % BATCHES_A_WEEK)
    return ORIGIN + timedelta(days=day, hours=hours)


def steps_of(product: Product, start: datetime, random: Random) -> list[Step]:
    """Return the steps, one after the other, without what they yield."""
    steps: list[Step] = []
    planned, free = start, start
    for seq, (name, level, hours) in enumerate(STEPS[product.modality], start=1):
        is_repeated = level == "operation" and random.random() < P_REPEATED
        begin = free + (_hours(random.expovariate(1 / QUEUE_HOURS)) if steps else timedelta())
        spent = hours * max(0.85, random.gauss(1.0, SPREAD)) * (1.7 if is_repeated else 1.0)
        free = begin + _hours(spent)
        planned_end = planned + timedelta(hours=hours)
        steps.append(
            Step(
                step=name,
                seq=seq,
                isa88_level=level,
                planned_start_at=planned,
                planned_end_at=planned_end,
                planned_hours=float(hours),
                started_at=begin,
                ended_at=free,
                operator=random.choice(OPERATORS),
                repeat_of_step=is_repeated,
                tvc_in=None,
                tvc_out=None,
            )
        )
        planned = planned_end
    return steps


def _hours(hours: float) -> timedelta:
    """Return that time in whole minutes: nobody writes down seconds."""
    return timedelta(minutes=round(hours * 60))
