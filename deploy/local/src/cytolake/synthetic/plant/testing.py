"""For tests: tiny worlds that a person can work out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cytolake.synthetic.plant.catalogue import CAR_T
from cytolake.synthetic.plant.model import (
    Batch,
    QualityEvent,
    ResultLine,
    Sample,
    Specification,
    Step,
    Version,
    World,
)

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


def day(number: float) -> datetime:
    """Return noon on day `number`, counted from 1 March 2025."""
    return NOON + timedelta(days=number)


def said(value: float | None = None, **other: Any) -> Version:  # noqa: ANN401
    """Return a verified version of a result."""
    facts: dict[str, Any] = {
        "version": 1,
        "value": value,
        "text": None,
        "qualifier": None,
        "state": "verified",
        "tested_at": day(10),
        "verified_at": day(10),
        "modified_at": day(10),
    }
    return Version(**facts | other)


def line(batch_id: str, attribute: str, *versions: Version, **other: Any) -> ResultLine:  # noqa: ANN401
    """Return a result line of a batch's product."""
    facts: dict[str, Any] = {
        "result_id": f"{batch_id}-{attribute}-1",
        "sample_id": f"{batch_id}-DP",
        "attribute": attribute,
        "stage": "release",
        "unit": "%",
        "decimals": 1,
        "method": "SOP",
        "requested_at": day(9),
    }
    return ResultLine(**facts | other, versions=versions)


def limits(attribute: str, **other: Any) -> Specification:  # noqa: ANN401
    """Return a specification in force for ever."""
    facts: dict[str, Any] = {
        "product_code": CAR_T.product_code,
        "attribute": attribute,
        "stage": "release",
        "spec_version": 1,
        "unit": "%",
        "decimals": 0,
        "valid_from": day(-900),
    }
    return Specification(**facts | other)


def step(name: str, seq: int, start: datetime, end: datetime | None, **other: Any) -> Step:  # noqa: ANN401
    """Return a step that was planned to take ten hours."""
    facts: dict[str, Any] = {
        "isa88_level": "operation",
        "planned_start_at": start,
        "planned_end_at": start + timedelta(hours=10),
        "planned_hours": 10.0,
        "operator": "SYN-OP-1",
        "repeat_of_step": False,
        "tvc_in": None,
        "tvc_out": None,
    }
    return Step(step=name, seq=seq, started_at=start, ended_at=end, **facts | other)


def event(kind: Any, severity: Any, opened: datetime, closed: datetime | None) -> QualityEvent:  # noqa: ANN401
    """Return a quality event."""
    return QualityEvent(
        event_id=f"QE-{opened:%j}-{kind}",
        kind=kind,
        severity=severity,
        step=None,
        cause="SYNTHETIC",
        opened_at=opened,
        closed_at=closed,
    )


def count(batch_id: str, culture_day: int, vcd: float, volume_ml: float) -> Sample:
    """Return a counted sample; its viability is 90 %."""
    return Sample(
        sample_id=f"{batch_id}-D{culture_day:02d}",
        batch_id=batch_id,
        step="expand",
        collected_at=day(culture_day),
        culture_day=culture_day,
        volume_ml=volume_ml,
        vcd=vcd,
        viability=90.0,
    )


def batch(number: int, status: Any = "released", **other: Any) -> Batch:  # noqa: ANN401
    """Return a CAR-T batch that was decided on at day 20."""
    facts: dict[str, Any] = {
        "product": CAR_T,
        "coi_id": f"COI-{number}",
        "process_version": "PV1",
        "planned_at": day(-2),
        "started_at": day(0),
        "target_release_at": day(20),
        "dispositioned_at": day(20),
        "released_oos": False,
        "steps": (),
        "milestones": (),
        "samples": (),
        "results": (),
        "quality": (),
        "materials": (),
    }
    return Batch(number=number, batch_id=f"B-{number}", status=status, **facts | other)


def world(*batches: Batch, specifications: tuple[Specification, ...] = ()) -> World:
    """Return a world of these batches, as of day 100."""
    return World(
        seed=0,
        horizon=day(100),
        products=(CAR_T,),
        specifications=specifications,
        instruments=(),
        calibrations=(),
        batches=batches,
    )
