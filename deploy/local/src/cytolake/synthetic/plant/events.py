"""The LIMS's records as canonical events: objects under `lims/plant/`, one entity each.

What becomes known on one day of one entity is one object, as a LIMS that sends in batches does it;
sampling plans and corrections travel alone, as webhooks do.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from pathlib import PurePath

from cytolake.synthetic.plant.batch_records import are_samples_late
from cytolake.synthetic.plant.drops import LIMS, Drop
from cytolake.synthetic.plant.model import Batch, World
from cytolake.synthetic.plant.record import Record
from cytolake.synthetic.plant.records import records_of


def lims_drops(world: World) -> Iterator[Drop]:
    """Yield the LIMS's objects."""
    together: list[Record] = []
    for one in records_of(world):
        if one.is_alone:
            yield _drop([one], _name_alone(one))
        else:
            together.append(one)
    together.sort(key=_day)
    for (day, entity), records in groupby(together, key=_day):
        listed = list(records)
        yield _drop(listed, f"{day:%Y/%m/%d}/SYNTHETIC-{world.seed}-{entity}.json")


def sample_list_key(batch: Batch, seed: int) -> str | None:
    """Return the key of the batch's sampling plan; None when it comes too late to be of use."""
    if are_samples_late(batch, seed):
        return None
    name = f"{batch.planned_at:%Y/%m/%d}/SYNTHETIC-sample-{batch.samples[0].sample_id}-v1.json"
    return f"{LIMS.name}/{name}"


def _day(one: Record) -> tuple[date, str]:
    return one.told_at.date(), one.entity


def _name_alone(one: Record) -> str:
    listed = one.data.get("listed")
    first = listed[0] if listed else one.data
    subject = first.get("result_id") or first["sample_id"]
    version = first["record_version"]
    return f"{one.told_at:%Y/%m/%d}/SYNTHETIC-{one.entity}-{subject}-v{version}.json"


def _drop(records: list[Record], name: str) -> Drop:
    events = [
        _event(one, f"{PurePath(name).stem}-{place}") for place, one in enumerate(records, start=1)
    ]
    body = json.dumps(events if len(events) > 1 else events[0], ensure_ascii=False, indent=1)
    return Drop(at=_last(records), source=LIMS, name=name, body=body.encode())


def _event(one: Record, label: str) -> dict[str, object]:
    """Return the event; its id says what all of this is."""
    return {
        "id": label,
        "type": f"lims.{one.entity}.{one.verb}",
        "timestamp": one.at.isoformat(),
        "data": one.data.get("listed", one.data),
    }


def _last(records: Iterable[Record]) -> datetime:
    return max(one.told_at for one in records)
