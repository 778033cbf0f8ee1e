"""Of a version without rows: which earlier version of its key the marts show in its place.

Asked of the ledger as it is now, so that it is not said any more once a later version is loaded.
"""

from __future__ import annotations

from typing import Any

SHOWN_VERSION = """CASE WHEN o.state IN ('rejected', 'quarantined', 'failed') THEN (
  SELECT max(v.object_seq) FROM intake.object v JOIN intake.run w USING (object_id)
  WHERE v.bucket = o.bucket AND v.key = o.key AND v.object_seq < o.object_seq
    AND w.state = 'loaded' AND w.rows IS DISTINCT FROM 0) END AS shown_version"""
"""A column of `intake.object o`; runs of a version that a later one replaced are superseded."""


def with_words(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with what its message says of the rows in the marts."""
    shown = row["shown_version"]
    if shown is None:
        return row
    words = f"(The rows in the marts are of the earlier version of this file, number {shown}.)"
    return row | {"message": f"{row['message'] or ''} {words}".lstrip()}
