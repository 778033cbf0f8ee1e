"""A running stack as its users meet it: files in by two ways, states and rows out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from cytolake.bench_stack import InboundBucket
from cytolake.client import ENDS, AwayError, FileState, Gateway
from cytolake.stack import Stack
from cytolake.synthetic import SyntheticFile

PATIENCE_SECONDS = 180.0
LOOK_SECONDS, LONGEST_LOOK_SECONDS = 0.1, 0.5


class Site:
    """What a test drives. Every wait is for a state that can be seen, never for a time."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.environment = stack.env()
        self.gateway = Gateway.at(self.environment)
        self.inbound = InboundBucket(self.environment)

    def close(self) -> None:
        """Give every connection back."""
        self.gateway.close()
        self.inbound.close()

    def put_s3(self, file: SyntheticFile) -> str:
        """Drop a file as its instrument would; return the object's id."""
        return str(self.inbound.put(file))

    def put_key(self, key: str, body: bytes) -> str:
        """Drop bytes under any key; return the object's id."""
        return str(self.inbound.put_bytes(key, body))

    def put_http(self, file: SyntheticFile) -> str:
        """Hand a file in over HTTP; return the object's id."""
        return self.gateway.upload(
            file.source.name, file.name, file.body, size_bytes=len(file.body)
        ).object_id

    def state(self, object_id: str) -> FileState | None:
        """Return where a file stands; None before intake has seen it, and during an outage."""
        try:
            return self.gateway.state(object_id)
        except AwayError:
            return None

    def until(
        self, object_ids: Iterable[str], *states: str, seconds: float = PATIENCE_SECONDS
    ) -> dict[str, FileState]:
        """Wait until each is in one of the ends (any, unless told); fail naming the rest.

        One after the other: an end stays, and to ask of all of them over and over costs more than
        the files do.
        """
        wanted = frozenset(states) or ENDS
        assert wanted <= ENDS
        found: dict[str, FileState] = {}
        waiting = list(object_ids)
        deadline = time.monotonic() + seconds
        while waiting:
            told = self.state(waiting[-1])
            if told is not None and told.state in wanted:
                found[waiting.pop()] = told
            elif time.monotonic() > deadline:
                left = [self.state(object_id) for object_id in waiting]
                raise AssertionError(f"not in {sorted(wanted)} after {seconds:.0f} s: {left}")
            else:
                time.sleep(LOOK_SECONDS)
        return found

    def end(self, object_id: str, *, seconds: float = PATIENCE_SECONDS) -> FileState:
        """Wait for the end of one file."""
        return self.until([object_id], seconds=seconds)[object_id]

    def select(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Read the marts in the reader's role."""
        dsn = self.environment["CYTOLAKE_MARTS_DSN"]
        with psycopg.connect(dsn, row_factory=dict_row) as connection:
            return list(connection.execute(query, arguments))

    def rows(self, object_id: str | UUID) -> int:
        """Return how many measurements of an object are in the marts."""
        query = "select count(*) as n from marts.mart_measurement where object_id = %s"
        return int(self.select(query, str(object_id))[0]["n"])

    def row_counts(self, object_ids: Iterable[str]) -> dict[str, int]:
        """Return the number of measurements in the marts per object, 0 where there is none."""
        counted = self.select(
            "select object_id, count(*) as n from marts.mart_measurement"
            " where object_id = any(%s) group by object_id",
            list(object_ids),
        )
        return dict.fromkeys(object_ids, 0) | {row["object_id"]: row["n"] for row in counted}

    def growth(self, batch_id: str) -> list[dict[str, Any]]:
        """Return a batch's growth by day."""
        return self.select(
            "select * from marts.mart_cell_growth where batch_id = %s order by culture_day",
            batch_id,
        )

    def until_seen[R](
        self,
        look: Callable[[], R],
        is_right: Callable[[R], bool],
        *,
        seconds: float = PATIENCE_SECONDS,
    ) -> R:
        """Look until what is seen is right, less and less often; fail with the last thing seen."""
        deadline, pause = time.monotonic() + seconds, LOOK_SECONDS
        while not is_right(seen := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not right after {seconds:.0f} s: {seen}")
            time.sleep(pause)
            pause = min(1.2 * pause, LONGEST_LOOK_SECONDS)
        return seen

    @contextmanager
    def without(self, *names: str, seconds: float = 0.0) -> Iterator[None]:
        """Take processes away for the block, and for at least this long; then bring them back."""
        for name in names:
            self.stack.stop(name)
        gone_at = time.monotonic()
        try:
            yield
            # The outage's length is what is tested: there is no event to wait for.
            time.sleep(max(0.0, seconds - (time.monotonic() - gone_at)))
        finally:
            for name in names:
                self.stack.start(name)
