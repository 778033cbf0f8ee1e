"""What a build is: runs taken in together, the models they touch, what is said of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cytolake_contracts import BuiltObject, FileValidated, LakeBuilt, LakeBuiltData, SliceSet

RunKey = tuple[str, int]
"""(object_id, run_no): a row of `raw.load`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a run: rows of one dataset; `parquet_path` is a URL that DuckDB reads."""

    dataset: str
    rows: int
    parquet_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One run whose rows the lake takes in; its fields are columns of `raw.load`.

    `dataset`, `rows` and `parquet_path` are of its main table, `others` are all further ones;
    `landed_at` is the store's LastModified.
    """

    object_id: str
    run_id: str
    run_no: int
    dataset: str
    bucket: str
    file_key: str
    object_seq: int
    source: str
    content_sha256: str
    landed_at: datetime
    rows: int
    warnings: int
    parquet_path: str
    site: str
    announcement: int
    traceparent: str | None = None
    retracted: bool = False
    others: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return every table of the run, the main one first."""
        return Part(self.dataset, self.rows, self.parquet_path), *self.others

    @property
    def key(self) -> RunKey:
        """What tells it from every other."""
        return self.object_id, self.run_no

    def as_built(self) -> BuiltObject:
        """Return how `lake.built` names it."""
        return BuiltObject.model_validate(
            {
                "object_id": self.object_id,
                "run_id": self.run_id,
                "run_no": self.run_no,
                "announcement": self.announcement,
                "dataset": self.dataset,
                "rows": self.rows,
                "site": self.site,
                "traceparent": self.traceparent,
            }
        )


@dataclass(frozen=True, slots=True)
class Slices:
    """The slices of one model that a build made anew, by the column `key`."""

    key: str
    ids: frozenset[str]

    def __or__(self, other: Slices) -> Slices:
        return Slices(self.key, self.ids | other.ids)


Marts = Mapping[str, Slices]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the loads handed in together: all at the lake's last snapshot."""

    build_no: int = 0
    snapshot_id: int = 0
    built: tuple[Load, ...] = ()
    failed: Mapping[RunKey, Exception] = field(default_factory=dict)
    marts: Marts = field(default_factory=dict)

    def __or__(self, other: Outcome) -> Outcome:
        return Outcome(
            build_no=max(self.build_no, other.build_no),
            snapshot_id=max(self.snapshot_id, other.snapshot_id),
            built=self.built + other.built,
            failed={**self.failed, **other.failed},
            marts=merged(self.marts, other.marts),
        )


def load_of(event: FileValidated, *, lake_bucket: str) -> Load:
    """Return the run that the event speaks of."""
    file, table = event.data.file, event.data.table
    return Load(
        object_id=str(event.object_id),
        run_id=str(event.run_id),
        run_no=event.run_no,
        dataset=table.dataset,
        bucket=file.bucket,
        file_key=file.key,
        object_seq=file.object_seq,
        source=file.source.name,
        content_sha256=file.content_sha256,
        landed_at=file.last_modified,
        rows=table.rows,
        warnings=len(event.data.warnings),
        parquet_path=f"s3://{lake_bucket}/{table.parquet_key}",
        others=tuple(
            Part(other.dataset, other.rows, f"s3://{lake_bucket}/{other.parquet_key}")
            for other in event.data.others
        ),
        site=event.site,
        announcement=event.announcement,
        traceparent=event.traceparent,
    )


def once_each(loads: Iterable[Load]) -> tuple[Load, ...]:
    """Return each run once, under its latest announcement: a run may wait here twice."""
    newest: dict[RunKey, Load] = {}
    for load in loads:
        known = newest.get(load.key)
        if known is None or load.announcement > known.announcement:
            newest[load.key] = load
    return tuple(newest.values())


def halves(loads: Sequence[Load]) -> tuple[Sequence[Load], Sequence[Load]]:
    """Return the first and the second half of at least two runs."""
    middle = len(loads) // 2
    return loads[:middle], loads[middle:]


def retracted(load: Load) -> Load:
    """Return the run as one that counts for nothing."""
    return replace(load, retracted=True)


def merged(first: Marts, second: Marts) -> Marts:
    """Return the slices of both."""
    both = dict(first)
    for name, slices in second.items():
        both[name] = both[name] | slices if name in both else slices
    return both


def events_of(outcome: Outcome, *, marts: Iterable[str]) -> tuple[LakeBuilt, ...]:
    """Return one `lake.built` per site whose runs were built; each names every slice of `marts`."""
    sets = {
        name: SliceSet(key=slices.key, ids=tuple(sorted(slices.ids)))
        for name, slices in outcome.marts.items()
        if name in set(marts)
    }
    said = []
    for site in sorted({load.site for load in outcome.built}):
        built = sorted((load for load in outcome.built if load.site == site), key=_order)
        data = LakeBuiltData(
            build_no=outcome.build_no,
            snapshot_id=outcome.snapshot_id,
            objects=tuple(load.as_built() for load in built),
            marts=sets,
        )
        said.append(LakeBuilt.of_build(data, site=site))
    return tuple(said)


def _order(load: Load) -> RunKey:
    return load.key
