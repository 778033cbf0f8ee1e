"""The lake held against a build of all of it from scratch: every night, and when models changed.

A build makes anew what is declared to follow from its files (ADR 0027). A declaration may be wrong,
and a new version of a model changes rows that no file touches: either is found and mended here.
It is all one transaction of the lake's one writer, undone where no row is another (ADR 0033).
"""

# ruff: noqa: S608 - names are constants, every value goes through `text`

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from cytolake_contracts import LakeBuilt, LakeBuiltData, SliceSet
from cytolake_runtime import Publish, Retryable
from cytolake_runtime.retrying import until_it_passes
from cytolake_transformer.duck import text
from cytolake_transformer.lake import DuckLake
from cytolake_transformer.models import BuildError, DbtModels

LAST = "SELECT made_with FROM lake.raw.proof ORDER BY proved_at DESC LIMIT 1"
UNTOLD = (
    "SELECT as_build, any_value(changed) FROM lake.raw.proof WHERE as_build IS NOT NULL"
    " GROUP BY as_build HAVING NOT bool_or(announced) ORDER BY as_build"
)
RETRY_SECONDS = 10.0
ROUNDS = 200_000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What a proof changed: tables made anew as a whole, and the build that they are of."""

    build_no: int
    tables: tuple[str, ...]


def made_with(fingerprint: str, salt: str) -> str:
    """Return what stands for all that the rows depend on beside the raw ones, in hex.

    Slow on purpose (PBKDF2, RFC 8018): it lies in the lake, and must not tell the salt.
    """
    return hashlib.pbkdf2_hmac("sha256", salt.encode(), fingerprint.encode(), ROUNDS).hex()


class Proof:
    """Compares, mends and keeps books (`raw.proof`); every call in the thread of the builds."""

    def __init__(self, lake: DuckLake, models: DbtModels, *, made_with: str) -> None:
        """Take an opened lake and models; `made_with` is theirs."""
        self._lake, self._models, self._made_with = lake, models, made_with

    def prove_if_changed(self) -> None:
        """Prove the lake where other models than today's were the last to; raise as `prove`."""
        with self._lake.ready() as db:
            last = db.execute(LAST).fetchone()
            is_empty = not db.execute("SELECT 1 FROM lake.raw.load LIMIT 1").fetchone()
        if last is None and is_empty:
            self._note(None, ())
        elif last is None or last[0] != self._made_with:
            log.info("the models of the lake are others than before: every table is made anew")
            self.prove()

    def prove(self) -> tuple[str, ...]:
        """Return the tables that had other rows than a build from scratch, and now have its.

        Raises BuildError, or Retryable when the lake is away or holds what is not built yet.
        """
        if self._lake.unfinished():
            raise Retryable("runs are in the lake that are not built yet")
        changed = self._models.prove(self._seal)
        if changed:
            log.warning("tables that a build from scratch made otherwise: %s", ", ".join(changed))
        else:
            self._note(None, ())
        return changed

    def untold(self) -> tuple[list[Change], int]:
        """Return what changed and was not announced yet, and the newest snapshot."""
        with self._lake.ready() as db:
            found = db.execute(UNTOLD).fetchall()
        return [Change(number, tuple(tables)) for number, tables in found], self._lake.snapshot()

    def told(self, change: Change) -> None:
        """Note that the change was announced."""
        self._note(change.build_no, change.tables)

    def _seal(self, changed: Sequence[str]) -> Sequence[str]:
        number = self._lake.next_build()
        return (
            f"INSERT INTO lake.raw.build VALUES ({number}, now())",
            self._row(number, changed, announced=False),
            f"CALL lake.set_commit_message('transformer', {text('made anew: ' + str(changed))})",
        )

    def _note(self, build_no: int | None, changed: Sequence[str]) -> None:
        with self._lake.ready() as db:
            db.execute(self._row(build_no, changed, announced=True))

    def _row(self, build_no: int | None, changed: Sequence[str], *, announced: bool) -> str:
        number, listed = build_no or "NULL", ", ".join(map(text, changed))
        return (
            "INSERT INTO lake.raw.proof (proved_at, made_with, as_build, changed, announced)"
            f" VALUES (now(), {text(self._made_with)}, {number}, [{listed}]::text[], {announced})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """Proves when it is time, and tells the marts what changed."""

    proof: Proof
    publish: Publish
    executor: Executor
    slice_keys: Mapping[str, str]
    """The marts, each with the column that its slices are told by."""
    site: str

    async def forever(self, hour: int) -> None:
        """Prove now if models changed, then at this hour of every day (UTC); with -1 never."""
        await self.at_start()
        while hour >= 0:
            await asyncio.sleep(seconds_until(hour, datetime.now(UTC)))
            await self._done(self.proof.prove)
        await asyncio.Event().wait()  # background work that ends would end the service

    async def at_start(self) -> None:
        """Prove where the models changed; tell what a crash left untold."""
        await self._done(self.proof.prove_if_changed)

    async def _done(self, work: Callable[[], object]) -> None:
        async def once() -> None:
            await self._in_thread(work)
            await self._tell()

        words = "the proof of the lake is put off"
        try:
            await until_it_passes(once, words=words, delay_seconds=RETRY_SECONDS)
        except BuildError:
            log.exception("the lake could not be built from scratch; it is as it was")

    async def _tell(self) -> None:
        changes, snapshot_id = await self._in_thread(self.proof.untold)
        for change in changes:
            await self.publish(announcement(change, snapshot_id, self.slice_keys, site=self.site))
            await self._in_thread(partial(self.proof.told, change))

    async def _in_thread[R](self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self.executor, work)


def announcement(
    change: Change, snapshot_id: int, slice_keys: Mapping[str, str], *, site: str
) -> LakeBuilt:
    """Return what is said of a change: no file's build, and the marts among its tables whole."""
    marts = {
        name: SliceSet(key=slice_keys[name], all=True)
        for name in change.tables
        if name in slice_keys
    }
    data = LakeBuiltData(build_no=change.build_no, snapshot_id=snapshot_id, objects=(), marts=marts)
    return LakeBuilt.of_build(data, site=site)


def seconds_until(hour: int, now: datetime) -> float:
    """Return how long it is until the clock next shows this hour; a day when it just does."""
    at = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return ((at if at > now else at + timedelta(days=1)) - now).total_seconds()
