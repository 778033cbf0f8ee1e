"""The records of results: requests, and every version of every line, some told out of order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from cytolake.synthetic.plant.model import Batch, ResultLine, Version
from cytolake.synthetic.plant.record import Record, record
from cytolake.synthetic.plant.tables import said_as

P_OUT_OF_ORDER = 0.5
"""Of the lines that were corrected: the correction overtakes what it corrects."""


def result_records(batch: Batch, seed: int) -> Iterator[Record]:
    """Yield the requests of a batch and what was reported."""
    for line in batch.results:
        request = {
            "request_id": f"{line.result_id}-REQ",
            "sample_id": line.sample_id,
            "attribute": line.attribute,
            "method": line.method,
            "state": "reported" if line.versions else "assigned",
            "requested_at": line.requested_at,
            "due_at": line.requested_at + timedelta(days=15),
        }
        yield record("test_request", line.requested_at, 1, request)
        yield from _versions(batch, line, seed)


def _versions(batch: Batch, line: ResultLine, seed: int) -> Iterator[Record]:
    random = Random(f"order/{seed}/{line.result_id}")  # noqa: S311  (an order, not a secret)
    is_corrected = sum(one.state == "verified" for one in line.versions) > 1
    is_overtaken = is_corrected and random.random() < P_OUT_OF_ORDER
    for said in line.versions:
        told_at = said.modified_at
        is_last = said is line.current
        if is_overtaken and not is_last:
            told_at = line.current.modified_at + timedelta(hours=1)
        yield record(
            "result",
            said.modified_at,
            said.version,
            _facts(batch, line, said),
            verb=said.state,
            told_at=told_at,
            is_alone=is_corrected,
        )


def _facts(batch: Batch, line: ResultLine, said: Version) -> dict[str, Any]:
    return {
        "result_id": line.result_id,
        "sample_id": line.sample_id,
        "batch_id": batch.batch_id,
        "attribute": line.attribute,
        "stage": line.stage,
        "result": said_as(line, said),
        "unit": line.unit,
        "method": line.method,
        "state": said.state,
        "analyst": "SYNTHETIC",
        "tested_at": said.tested_at,
        "verified_at": said.verified_at,
        "supersedes": said.version - 1 or None,
        "retest_of": line.retest_of,
        "is_invalidated": said.is_invalidated,
    }
