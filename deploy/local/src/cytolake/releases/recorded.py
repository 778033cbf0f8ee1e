"""The releases as the ledger has them, read with the checker's rights."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import dict_row

from cytolake.blueprint import Blueprint
from cytolake.errors import StackError
from cytolake_validator.releases.slices import Release

QUERY = """
SELECT decision_id::text, batch_id, release_no, snapshot_id, actor, reason, decided_at,
  manifest_sha256
FROM intake.release WHERE batch_id = %s ORDER BY release_no DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Release):
    """A release; without a hash it is not exported yet."""

    manifest_sha256: str | None


def releases_of(blueprint: Blueprint, batch: str) -> list[Recorded]:
    """Return the batch's releases, newest first; raise StackError when they cannot be read."""
    try:
        with psycopg.connect(blueprint.dsn("checker"), connect_timeout=30) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return [Recorded(**row) for row in cursor.execute(QUERY.encode(), [batch]).fetchall()]
    except psycopg.Error as error:
        raise StackError(f"the releases cannot be read: {error}") from error


def release_of(blueprint: Blueprint, batch: str, number: int | None) -> Recorded:
    """Return one release, the newest unless a number is named; raise StackError without one."""
    found = releases_of(blueprint, batch)
    chosen = [one for one in found if number in {None, one.release_no}]
    if not chosen:
        which = f"release {number} of " if number else "release of "
        raise StackError(f"there is no {which}batch {batch!r}")
    return chosen[0]
