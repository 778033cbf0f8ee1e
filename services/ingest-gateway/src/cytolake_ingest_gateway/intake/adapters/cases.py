"""From a row of the ledger to what a decision is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cytolake_contracts import Release, SourceRef
from cytolake_ingest_gateway.intake.reopen import Case
from cytolake_ingest_gateway.intake.versions import Registration
from cytolake_ingest_gateway.lifecycle import State


def case_of(row: dict[str, Any], sources: Mapping[str, Registration]) -> Case:
    """Return the case of one row of `decisions_sql.CASES`."""
    tables = _tables(row["converted"])
    return Case(
        object_id=row["object_id"],
        address=(row["bucket"], row["key"]),
        state=State(row["state"]),
        content_sha256=row["content_sha256"],
        registered=sources.get(row["source"]),
        is_head=row["is_head"],
        run_no=row["run_no"],
        last_source=_read(SourceRef, row["last_source"]),
        release=_read(Release, row["release"]),
        replaces=row["replaces"],
        replaces_datasets=tuple(dict.fromkeys(table["dataset"] for table in tables)),
        replaces_rows=sum(table["rows"] for table in tables) if tables else None,
        twin=row["twin"],
    )


def _read[P: (SourceRef, Release)](kind: type[P], told: object) -> P | None:
    return None if told is None else kind.model_validate(told)


def _tables(converted: dict[str, Any] | None) -> tuple[dict[str, Any], ...]:
    return () if converted is None else (converted["table"], *converted.get("others", ()))
