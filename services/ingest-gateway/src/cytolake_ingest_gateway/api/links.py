"""Where an event of a history leads to: the page of the result that it announces. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cytolake_contracts.evidence import PAGES, RESULTS, run_page_key

PAGES_PATH = "/docs/data/"
"""Where the api serves what lies under `data-docs/` in the bucket of documents."""


def page_of_result(data: Mapping[str, Any]) -> str | None:
    """Return the path of the result's page; None for an event that announces no result.

    The page follows its result within a minute or so: it may not be there yet.
    """
    key, table, file = data.get("result_key"), data.get("table"), data.get("file")
    if not (key and table and file):
        return None
    object_id, run_no = key.removeprefix(RESULTS).removesuffix(".json").split("/")
    received_at = datetime.fromisoformat(file["received_at"])
    page = run_page_key(table["dataset"], received_at, object_id, int(run_no))
    return PAGES_PATH + page.removeprefix(PAGES)
