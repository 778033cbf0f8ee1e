"""The records of one batch: itself, its steps, samples, materials, milestones, quality events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from cytolake.synthetic.plant.horizon import LAST_MAKING_STEP
from cytolake.synthetic.plant.model import Batch, Sample
from cytolake.synthetic.plant.record import Record, record
from cytolake.synthetic.plant.result_records import result_records

P_SAMPLES_LATE = 0.08
LATE_BY = timedelta(days=4)
NOT_TOLD_OF_A_STEP = ("ended_at", "tvc_out")


def batch_records(batch: Batch, seed: int) -> Iterator[Record]:
    """Yield the batch's records in every version."""
    yield from _itself(batch)
    yield from _steps(batch)
    yield _samples(batch, seed)
    for use in batch.materials:
        facts = {
            "batch_id": batch.batch_id,
            "lot_id": use.lot.lot_id,
            "step": use.step,
            "quantity": use.quantity,
            "unit": use.unit,
        }
        yield record("batch_material", batch.started_at, 1, facts)
    for event, at in batch.milestones:
        facts = {"batch_id": batch.batch_id, "event": event, "occurred_at": at}
        yield record("batch_event", at, 1, facts | {"coi_id": batch.coi_id})
    yield from _quality(batch)
    yield from result_records(batch, seed)


def are_samples_late(batch: Batch, seed: int) -> bool:
    """Whether the LIMS tells the batch's samples only after the first counts have come."""
    return Random(f"late/{seed}/{batch.number}").random() < P_SAMPLES_LATE  # noqa: S311


def _itself(batch: Batch) -> Iterator[Record]:
    facts: dict[str, Any] = {
        "batch_id": batch.batch_id,
        "product_code": batch.product.product_code,
        "coi_id": batch.coi_id,
        "site": batch.product.site,
        "process_version": batch.process_version,
        "target_release_at": batch.target_release_at,
    }
    yield record("batch", batch.planned_at, 1, facts | {"status": "planned"})
    facts["started_at"] = batch.started_at
    yield record("batch", batch.started_at, 2, facts | {"status": "in_process"})
    last = LAST_MAKING_STEP[batch.product.modality]
    made = next((one.ended_at for one in batch.steps if one.step == last), None)
    version = 3
    if made is not None:
        yield record("batch", made, version, facts | {"status": "completed"})
        version += 1
    if batch.dispositioned_at is not None:
        facts |= {
            "status": batch.status,
            "dispositioned_at": batch.dispositioned_at,
            "released_oos": batch.released_oos,
        }
        yield record("batch", batch.dispositioned_at, version, facts)


def _steps(batch: Batch) -> Iterator[Record]:
    for step in batch.steps:
        facts = {
            "batch_id": batch.batch_id,
            **{name: getattr(step, name) for name in step.__slots__},
        }
        begun = {name: facts[name] for name in facts if name not in NOT_TOLD_OF_A_STEP}
        yield record("batch_step", step.started_at, 1, begun)
        if step.ended_at is not None:
            yield record("batch_step", step.ended_at, 2, facts)


def _samples(batch: Batch, seed: int) -> Record:
    """Return the sampling plan: one event that lists every sample of the batch."""
    told_at = batch.started_at + LATE_BY if are_samples_late(batch, seed) else batch.planned_at
    listed = [_sample(sample, batch) for sample in batch.samples]
    return Record(
        entity="sample",
        verb="created",
        at=batch.planned_at,
        told_at=told_at,
        data={"listed": listed},
        is_alone=True,
    )


def _sample(sample: Sample, batch: Batch) -> dict[str, Any]:
    facts = {
        name: getattr(sample, name)
        for name in sample.__slots__
        if name not in {"vcd", "viability"}  # what a counter will say is not in a plan
    }
    return record("sample", batch.planned_at, 1, facts).data


def _quality(batch: Batch) -> Iterator[Record]:
    for event in batch.quality:
        facts = {
            "batch_id": batch.batch_id,
            **{name: getattr(event, name) for name in event.__slots__},
        }
        begun = facts | {"closed_at": None, "cause": None}
        yield record("quality_event", event.opened_at, 1, begun)
        if event.closed_at is not None:
            yield record("quality_event", event.closed_at, 2, facts)
