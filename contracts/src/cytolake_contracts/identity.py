"""Ids derive from their causes, so that the same thing told twice has one id.

RFC 9562 version 5 UUIDs throughout. See docs/decisions for the run model.
"""

from __future__ import annotations

import json
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1d3c5e-5a0b-5d0e-9c0a-0c7701a6e000")
"""The root of every id of Cytolake; a constant, never to be changed."""
LIMS = "lims/"
"""Where the keys of every LIMS begin."""
WHOLE = "all"
"""The name of a LIMS's stream that comes whole: each pull is a new version of it."""


def object_id(bucket: str, key: str, version_id: str) -> UUID:
    """Return the id of one version of one key in a bucket."""
    return uuid5(NAMESPACE, json.dumps([bucket, key, version_id], ensure_ascii=False))


def run_id(of_object: UUID, run_no: int) -> UUID:
    """Return the id of the `run_no`th passage of an object through the pipeline."""
    return uuid5(of_object, str(run_no))


def event_id(cause: UUID, what: str) -> UUID:
    """Return the id of the one event `what` that a cause (a run, a build) leads to."""
    return uuid5(cause, what)


def build_cause(build_no: int, snapshot_id: int, members: tuple[str, ...]) -> UUID:
    """Return the cause that a build is: its number, its snapshot and the runs it answers.

    `members` are `<run_id>.<announcement>`; told again, a run is answered under an id of
    its own, so that JetStream's duplicate window never swallows the answer.
    """
    return uuid5(NAMESPACE, json.dumps(["build", build_no, snapshot_id, sorted(members)]))


def traceparent_for_run(run: UUID) -> str:
    """Return a W3C Trace Context header: one trace per run, its id the run's own 128 bits."""
    return f"00-{run.hex}-{run.hex[16:]}-01"


def source_of(key: str) -> str:
    """Return the source that a key in the inbound bucket belongs to: its first folder.

    A LIMS is a source of its own below `lims/`: keys there have the first two.
    """
    first, *rest = key.split("/", 2)
    return f"{first}/{rest[0]}" if f"{first}/" == LIMS and len(rest) > 1 else first
