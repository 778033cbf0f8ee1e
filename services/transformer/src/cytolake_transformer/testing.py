"""Fakes of the ports, and the smallest events: for this service's own tests and its neighbours'."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cytolake_contracts import FileValidated
from cytolake_contracts.examples import valid_examples
from cytolake_contracts.identity import run_id
from cytolake_transformer.builds import Load, Marts, RunKey, Slices
from cytolake_transformer.models import BuildError
from cytolake_transformer.touched import Known, Touched, datasets_of

LANDED = datetime(2026, 11, 23, 10, tzinfo=UTC)


@dataclass
class MemoryLake:
    """Port `Lake` in memory: who is in, in which build, which builds are done."""

    loads: dict[RunKey, tuple[int, Load]] = field(default_factory=dict)
    finished: set[int] = field(default_factory=set)
    taken: list[list[str]] = field(default_factory=list)
    rows: set[str] = field(default_factory=set)
    last: int = 0
    snapshots: int = 0

    def known(self, loads: Sequence[Load]) -> Known:
        files = {load.file_key for load in loads}
        of_files = [load for _, load in self.loads.values() if load.file_key in files]
        builds = {load.key: self.loads[load.key] for load in loads if load.key in self.loads}
        return Known(
            builds={
                key: build
                for key, (build, load) in builds.items()
                if build in self.finished and not load.retracted
            },
            files=frozenset(load.file_key for load in of_files),
            objects={
                dataset: frozenset(
                    load.object_id for load in of_files if dataset in datasets_of([load])
                )
                for dataset in datasets_of(of_files)
            },
        )

    def unfinished(self) -> tuple[Load, ...]:
        return tuple(load for build, load in self.loads.values() if build not in self.finished)

    def take_in(self, loads: Sequence[Load]) -> int:
        self.taken.append([load.object_id for load in loads])
        self.rows |= set(self.taken[-1])
        return self._record(loads)

    def retract(self, loads: Sequence[Load]) -> int:
        return self._record([replace(load, retracted=True) for load in loads])

    def forget(self, loads: Sequence[Load]) -> None:
        self.rows -= {load.object_id for load in loads}

    def finish(self, build_no: int) -> None:
        self.snapshots += 1
        self.finished.add(build_no)

    def snapshot(self) -> int:
        return self.snapshots

    def of_build(self, build_nos: Collection[int]) -> list[Load]:
        return [load for build, load in self.loads.values() if build in build_nos]

    def _record(self, loads: Sequence[Load]) -> int:
        self.last += 1
        self.snapshots += 1
        self.loads.update({load.key: (self.last, load) for load in loads})
        return self.last


@dataclass
class MemoryModels:
    """Port `Models` in memory: every build fails while the lake holds a run of a poisonous object.

    For rows of one batch meet in one slice, whichever build brought them.
    """

    lake: MemoryLake
    poison: set[str] = field(default_factory=set)
    built: list[int] = field(default_factory=list)
    datasets: list[tuple[str, ...]] = field(default_factory=list)

    def build(self, touched: Touched, build_no: int) -> Marts:
        self.datasets.append(touched.datasets)
        held = [load for _, load in self.lake.loads.values()]
        if any(load.object_id in self.poison and not load.retracted for load in held):
            raise BuildError("mart_measurement: Conversion Error")
        self.built.append(build_no)
        return self.slices(touched.datasets, [build_no])

    def slices(self, datasets: Sequence[str], build_nos: Collection[int]) -> Marts:
        del datasets
        ids = frozenset(load.object_id for load in self.lake.of_build(build_nos))
        return {"mart_measurement": Slices("object_id", ids)}


def load(object_id: str, *, run_no: int = 1, dataset: str = "measurement", **given: object) -> Load:
    """Return a run with made-up words around what is given."""
    made = Load(
        object_id=object_id,
        run_id=f"{object_id}-{run_no}",
        run_no=run_no,
        dataset=dataset,
        bucket="inbound",
        file_key=f"vicell-1/{object_id}.csv",
        object_seq=1,
        source="vicell-1",
        content_sha256="0" * 64,
        landed_at=LANDED,
        rows=1,
        warnings=0,
        parquet_path=f"s3://lake/raw/{dataset}/{object_id}/{run_no}.parquet",
        site="main",
        announcement=1,
    )
    return replace(made, **given)  # type: ignore[arg-type]


def validated(*, run_no: int = 1, announcement: int = 1) -> FileValidated:
    """Return the contract's first example, told as another run or announcement."""
    body = next(iter(valid_examples(FileValidated.type_name()).values()))
    event = FileValidated.from_bytes(body)
    run = run_id(event.object_id, run_no)
    changed = {"run_no": run_no, "run_id": run, "announcement": announcement}
    return event.model_copy(update=changed)
