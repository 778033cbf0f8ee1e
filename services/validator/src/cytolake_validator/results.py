"""Results as documents for the evidence bucket: every rule named, no clock in them. Pure.

A result says all that its page shows: pages can be made anew from the results alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cytolake_contracts import FileConverted, RuleFailure
from cytolake_contracts.datasets import DatasetContract
from cytolake_validator.shown import ShownRows
from cytolake_validator.words import Judged, is_blocked


def result_document(event: FileConverted, judged: Sequence[Judged], *, engine: str) -> bytes:
    """Return the gate's result of one run; the same run, the same bytes.

    The main table's part stands at the top; further tables of the run in `others`.
    """
    main, *others = judged
    return written(
        {
            "stage": "raw",
            "object_id": str(event.object_id),
            "run_id": str(event.run_id),
            "run_no": event.run_no,
            "engine": engine,
            "verdict": "quarantined" if is_blocked(judged) else "validated",
            "file": _file(event),
            "parser": event.data.parser.model_dump(mode="json"),
            **_table(main),
            "others": [_table(other) for other in others],
        }
    )


def written(document: Mapping[str, Any]) -> bytes:
    """Return a document's bytes."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def rules_of(
    contract: DatasetContract,
    failures: Sequence[RuleFailure],
    shown: Mapping[str, ShownRows],
) -> dict[str, Any]:
    """Return what a table keeps and breaks of its contract, every rule named."""
    found = {failure.rule: failure for failure in failures}
    known = {rule.id for rule in contract.rules}
    return {
        "dataset": contract.name,
        "contract_version": contract.version,
        "rules": [
            {
                "rule": rule.id,
                "kind": rule.kind,
                "column": rule.column,
                "severity": rule.severity,
                "description": rule.description,
                **_outcome(found.get(rule.id), shown.get(rule.id)),
            }
            for rule in contract.rules
        ]
        + [_beside(failure) for name, failure in found.items() if name not in known],
    }


def _beside(failure: RuleFailure) -> dict[str, Any]:
    """A broken rule that no contract states: what the LIMS says of the file's samples."""
    return {
        "rule": failure.rule,
        "kind": "identity",
        "column": failure.column,
        "severity": "block",
        "description": failure.message,
        **_outcome(failure, None),
    }


def _outcome(failure: RuleFailure | None, shown: ShownRows | None) -> dict[str, Any]:
    return {
        "passed": failure is None,
        "failing_rows": failure.failing_rows if failure else 0,
        "examples": list(failure.examples) if failure else [],
        "released_by": failure.released_by if failure else None,
        "shown": shown.as_json() if failure and shown else None,
    }


def _table(judged: Judged) -> dict[str, Any]:
    return {
        **rules_of(judged.contract, judged.failures, judged.shown),
        "parquet_key": judged.table.parquet_key,
        "parquet_sha256": judged.table.parquet_sha256,
        "rows": judged.table.rows,
    }


def _file(event: FileConverted) -> dict[str, Any]:
    file = event.data.file
    return {
        "bucket": file.bucket,
        "key": file.key,
        "version_id": file.version_id,
        "content_sha256": file.content_sha256,
        "size_bytes": file.size_bytes,
        "received_at": file.received_at.isoformat(),
        "source": file.source.name,
        "site": file.source.site,
    }
