"""A batch as it stands at a moment: what lies after it has not happened yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from cytolake.synthetic.plant.model import Batch, QualityEvent, ResultLine, Step

LAST_MAKING_STEP = {"car_t": "cryopreserve", "aav": "fill"}


def cut(batch: Batch, horizon: datetime) -> Batch:
    """Return the batch as of the horizon."""
    steps = tuple(_steps(batch.steps, horizon))
    decided = batch.dispositioned_at
    is_decided = decided is not None and decided <= horizon
    made = {step.step for step in steps if step.ended_at is not None}
    is_made = LAST_MAKING_STEP[batch.product.modality] in made
    return replace(
        batch,
        steps=steps,
        milestones=tuple(one for one in batch.milestones if one[1] <= horizon),
        samples=tuple(one for one in batch.samples if one.collected_at <= horizon),
        results=tuple(_results(batch.results, horizon)),
        quality=tuple(_quality(batch.quality, horizon)),
        dispositioned_at=decided if is_decided else None,
        released_oos=batch.released_oos and is_decided,
        status=batch.status if is_decided else "completed" if is_made else "in_process",
    )


def _steps(steps: tuple[Step, ...], horizon: datetime) -> Iterator[Step]:
    for step in steps:
        if step.started_at > horizon:
            return
        is_over = step.ended_at is not None and step.ended_at <= horizon
        yield step if is_over else replace(step, ended_at=None, tvc_out=None)


def _results(lines: tuple[ResultLine, ...], horizon: datetime) -> Iterator[ResultLine]:
    for line in lines:
        said = tuple(one for one in line.versions if one.modified_at <= horizon)
        if line.requested_at <= horizon:
            yield replace(line, versions=said)


def _quality(events: tuple[QualityEvent, ...], horizon: datetime) -> Iterator[QualityEvent]:
    for event in events:
        if event.opened_at <= horizon:
            is_open = event.closed_at is None or event.closed_at > horizon
            yield replace(event, closed_at=None) if is_open else event
