"""Where results lie in the evidence bucket and their pages in that of documents.

Several services know these keys.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

Stage = Literal["raw", "curated", "mart"]
STAGES: tuple[Stage, ...] = ("raw", "curated", "mart")
"""Where a result was found: at the gate, in the lake after a build, in the marts."""

RESULTS = "validation/"
"""Prefix of every result, JSON."""
RELEASES = "releases/"
"""Prefix of what was exported of released batches."""
PAGES = "data-docs/"
"""Prefix of every page, HTML, in the bucket of documents: all of them follow from the results."""
DBT_PAGES = ("lake", "marts")
"""The targets of dbt; each has its documentation as one page."""


def dbt_page_key(target: str) -> str:
    """Return the key of dbt's documentation of a target."""
    return f"{PAGES}dbt/{target}.html"


def run_result_key(object_id: UUID | str, run_no: int) -> str:
    """Return the key of what the gate found in one run of a file."""
    return f"{RESULTS}{object_id}/{run_no}.json"


def build_result_key(stage: Stage, dataset: str, build_no: int, event_id: UUID) -> str:
    """Return the key of what was found after a build; the first digits tell its sites apart."""
    return f"{RESULTS}{stage}/{dataset}/{build_no}-{event_id.hex[:8]}.json"


def day_prefix(stage: Stage, dataset: str, time: datetime) -> str:
    """Return the folder of a dataset's pages of the (UTC) day that `time` is in."""
    return f"{PAGES}{stage}/{dataset}/{time.astimezone(UTC):%Y-%m-%d}/"


def run_page_key(dataset: str, received_at: datetime, object_id: UUID | str, run_no: int) -> str:
    """Return the key of the page of a run's result; `dataset` is that of its main table."""
    return f"{day_prefix('raw', dataset, received_at)}{object_id}.{run_no}.html"


def build_page_key(
    stage: Stage, dataset: str, built_at: datetime, build_no: int, event_id: UUID
) -> str:
    """Return the key of the page of a build's result."""
    return f"{day_prefix(stage, dataset, built_at)}{build_no}-{event_id.hex[:8]}.html"
