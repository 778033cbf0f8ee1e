"""Maintenance of the lake, by its one writer: small files merged, old snapshots and files removed.

Released snapshots stay: a row of `pinned_snapshot` refers to each, so that PostgreSQL itself
refuses to remove one, also when a batch is released while this runs. In small steps, each of them
whole: builds come in between, and whatever was left undone is done the next time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from functools import partial

import duckdb

from cytolake_runtime import Retryable
from cytolake_runtime.lake import snapshots
from cytolake_transformer.duck import text
from cytolake_transformer.keeping import Snapshot, expirable
from cytolake_transformer.lake import DuckLake
from cytolake_transformer.tables import pinned

Step = Callable[[], int]
Steps = Callable[[], list[Step]]
MOST_AT_ONCE = 1000
TABLES = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY ALL"
)
FIRST = timedelta(hours=1)
"""After a start, at most: a machine that is off at night is looked after too."""
log = logging.getLogger(__name__)


class Upkeep:
    """Keeps the lake small; every step in the thread of the builds."""

    def __init__(
        self,
        lake: DuckLake,
        *,
        schema: str,
        keep: timedelta,
        keep_files: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep snapshots for so long, and files that none needs for some more, for who reads."""
        self._lake, self._clock, self._pinned = lake, clock, pinned(schema)
        self._keep, self._keep_files = keep, keep_files

    def steps(self) -> list[Step]:
        """Return what is to be done, one after the other; each says how much it did."""
        return [*merges(self._lake), self._expire, self._clean]

    def _expire(self) -> int:
        with self._lake.ready() as db:
            stay = {one for (one,) in db.execute(self._pinned).fetchall()}
            kept = [Snapshot(number, at, is_end) for number, at, is_end in snapshots(db)]
            old = expirable(kept, stay, before=self._clock() - self._keep)[:MOST_AT_ONCE]
            if old:  # an empty list is an error of DuckLake's
                db.execute(f"CALL ducklake_expire_snapshots('lake', versions => {old})")
            return len(old)

    def _clean(self) -> int:
        before = self._clock() - self._keep_files
        with self._lake.ready() as db:
            call = f"CALL ducklake_cleanup_old_files('lake', older_than => TIMESTAMPTZ '{before}')"
            return len(db.execute(call).fetchall())


def merges(lake: DuckLake) -> list[Step]:
    """Return what makes few files of many, a table a step."""

    def merge(schema: str, table: str) -> int:
        with lake.ready() as db:
            call = "CALL ducklake_merge_adjacent_files('lake', {}, schema => {})"
            return len(db.execute(call.format(text(table), text(schema))).fetchall())

    with lake.ready() as db:
        tables = db.execute(TABLES).fetchall()
    return [partial(merge, schema, table) for schema, table in tables]


async def maintained(steps: Steps, thread: Executor, *, every: timedelta) -> None:
    """Do a round of maintenance every so often, for ever; a round that fails is done the next time.

    Each step waits its turn in the thread of the builds, and builds theirs between two steps.
    """
    await asyncio.sleep(min(every, FIRST).total_seconds())
    while True:
        try:
            await round_of(steps, thread)
        except Retryable as fault:
            log.info("maintenance of the lake is put off: %s", fault)
        except duckdb.Error:
            # A batch may have been released meanwhile: what pins its snapshot refuses the rest.
            log.exception("maintenance of the lake stopped, and nothing is lost by it")
        await asyncio.sleep(every.total_seconds())


async def round_of(steps: Steps, thread: Executor) -> None:
    """Do every step once."""
    loop = asyncio.get_running_loop()
    for step in await loop.run_in_executor(thread, steps):
        while await loop.run_in_executor(thread, step) >= MOST_AT_ONCE:
            continue
