"""Take validated files into the lake, many in one build, and say when they can be read.

Consumes   file.validated     contracts/events/file.validated.v1.schema.json
Publishes  lake.built         the runs it answers, the snapshot to read, the slices made anew

A build that fails is tried again in halves, until the run that breaks it stands alone: that one
is retracted and its message fails as a bug, its neighbours are built. Nothing is said of any of
them before all of this is over, so that no snapshot is announced that holds a part of a failure.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Protocol

from cytolake_contracts import FileValidated
from cytolake_runtime import Publish, Retryable
from cytolake_transformer.builds import (
    Load,
    Marts,
    Outcome,
    events_of,
    halves,
    load_of,
    once_each,
    retracted,
)
from cytolake_transformer.touched import Known, Touched, touched_by

log = logging.getLogger(__name__)


class Lake(Protocol):
    """The raw zone of the lake and its build marks. Every method may raise Retryable."""

    def known(self, loads: Sequence[Load]) -> Known:
        """Return what the lake knows of the runs and of their files."""
        ...

    def unfinished(self) -> tuple[Load, ...]:
        """Return the runs of builds without a mark: work that a crash left."""
        ...

    def take_in(self, loads: Sequence[Load]) -> int:
        """Replace the runs' raw rows in one transaction; return the new build's number.

        Raises the database's error when a run's rows cannot be taken: nothing has changed then.
        """
        ...

    def retract(self, loads: Sequence[Load]) -> int:
        """Mark the runs as ones that count for nothing; return the new build's number."""
        ...

    def forget(self, loads: Sequence[Load]) -> None:
        """Delete the raw rows of retracted runs."""
        ...

    def finish(self, build_no: int) -> None:
        """Mark the build as done."""
        ...

    def snapshot(self) -> int:
        """Return the newest snapshot."""
        ...


class Models(Protocol):
    """dbt. Every method may raise Retryable."""

    def build(self, touched: Touched, build_no: int) -> Marts:
        """Build the models that descend from it; return the slices; raise BuildError."""
        ...

    def slices(self, datasets: Sequence[str], build_nos: Collection[int]) -> Marts:
        """Return the slices that these builds touch as the lake is now; build nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """Builds, one after the other, in one thread: the only writer of the lake."""

    lake: Lake
    models: Models

    def answer(self, loads: Sequence[Load]) -> Outcome:
        """Build what is new; find what is in the lake already; all at the newest snapshot."""
        known = self.lake.known(loads)
        outcome = self._build([load for load in loads if load.key not in known.builds], known)
        again = tuple(load for load in loads if load.key in known.builds)
        if again:
            builds = {known.builds[load.key] for load in again}
            datasets = touched_by(again, known).datasets
            marts = self.models.slices(datasets, builds)
            outcome |= Outcome(build_no=max(builds), built=again, marts=marts)
        return replace(outcome, snapshot_id=self.lake.snapshot())

    def resume(self) -> Outcome:
        """Do what a crash left undone."""
        left = self.lake.unfinished()
        if withdrawn := [load for load in left if load.retracted]:
            self._retract(withdrawn, self.lake.known(withdrawn))
        return self.answer([load for load in left if not load.retracted])

    def _build(self, loads: Sequence[Load], known: Known) -> Outcome:
        if not loads:
            return Outcome()
        try:
            build_no = self.lake.take_in(loads)
            marts = self.models.build(touched_by(loads, known), build_no)
            self.lake.finish(build_no)
        except Retryable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is: of which run?
            return self._isolate(loads, known, error)
        return Outcome(build_no=build_no, built=tuple(loads), marts=marts)

    def _isolate(self, loads: Sequence[Load], known: Known, error: Exception) -> Outcome:
        # First of all, out: what is left of the culprit would fail its neighbours' builds.
        healed = self._retract(loads, known)
        if len(loads) > 1:
            log.warning("a build of %d runs failed, tried again in halves: %s", len(loads), error)
            first, second = halves(loads)
            return healed | self._build(first, known) | self._build(second, known)
        log.error("run %s of object %s breaks its build", loads[0].run_no, loads[0].object_id)
        return healed | Outcome(failed={loads[0].key: error})

    def _retract(self, loads: Sequence[Load], known: Known) -> Outcome:
        """Build their slices again without them, then delete their rows."""
        build_no = self.lake.retract([retracted(load) for load in loads])
        # New or not, some of their rows may be in some of the tables.
        touched = replace(touched_by(loads, known), new=frozenset())
        marts = self.models.build(touched, build_no)
        self.lake.forget(loads)
        self.lake.finish(build_no)
        return Outcome(build_no=build_no, marts=marts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformation:
    """What the handler needs: `app.py` passes the real ones, tests pass fakes."""

    building: Building
    publish: Publish
    marts: frozenset[str]
    lake_bucket: str
    executor: Executor | None = None
    """dbt and DuckDB run here, one build at a time: a pool of exactly one thread."""

    async def on_files_validated(self, events: Sequence[FileValidated]) -> list[Exception | None]:
        """Answer many events with one build; per event None, or what its own run failed of."""
        loads = [load_of(event, lake_bucket=self.lake_bucket) for event in events]
        outcome = await self._run(lambda: self.building.answer(once_each(loads)))
        await self._tell(outcome)
        return [outcome.failed.get(load.key) for load in loads]

    async def resume(self) -> None:
        """Finish and announce what a crash left; a run that breaks is told by its own message."""
        await self._tell(await self._run(self.building.resume))

    async def _run(self, work: Callable[[], Outcome]) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self.executor, work)

    async def _tell(self, outcome: Outcome) -> None:
        for event in events_of(outcome, marts=self.marts):
            await self.publish(event)
