"""Which slices builds replace, as of which snapshot, and whose change a written row is. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from cytolake_contracts import LakeBuilt, MartChange, SliceSet
from cytolake_contracts.datasets import DatasetContract

WHOLE_MART = None
"""Stands for the id of every slice that no build names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Rows that one merge wrote in one slice; `action` is PostgreSQL's `merge_action()`."""

    mart: str
    slice_id: str | None
    action: str
    rows: int


def union(
    builds: Iterable[LakeBuilt], contracts: Mapping[str, DatasetContract]
) -> dict[str, SliceSet]:
    """Return per mart every slice that one of the builds rebuilt; marts without any are absent.

    Raises ValueError for a mart, or a slice key, that no contract knows.
    """
    ids: dict[str, set[str]] = {}
    whole: set[str] = set()
    for build in builds:
        for mart, slices in build.data.marts.items():
            _check(build, mart, slices, contracts)
            ids.setdefault(mart, set()).update(slices.ids)
            whole |= {mart} if slices.all else set()
    return {
        mart: SliceSet(
            key=str(contracts[mart].slice_key),
            ids=() if mart in whole else tuple(sorted(found)),
            all=mart in whole,
        )
        for mart, found in sorted(ids.items())
        if found or mart in whole
    }


def _check(
    build: LakeBuilt, mart: str, slices: SliceSet, contracts: Mapping[str, DatasetContract]
) -> None:
    if mart not in contracts:
        raise ValueError(f"build {build.data.build_no} names {mart!r}, which is no mart of ours")
    expected = contracts[mart].slice_key
    if slices.key != expected:
        raise ValueError(f"{mart} is sliced by {expected}, the build says {slices.key!r}")


def as_of(builds: Iterable[LakeBuilt], newest_applied: int) -> int:
    """Return the snapshot to read: never one older than what the marts already show."""
    return max(newest_applied, *(build.data.snapshot_id for build in builds))


def attributed(
    builds: Sequence[LakeBuilt], written: Iterable[Written]
) -> dict[UUID, dict[str, MartChange]]:
    """Share what one merge wrote among its builds; every row counts for exactly one.

    A slice belongs to the first build that names it, what nobody names to the first that
    asked for the whole mart. Every mart that a build names has an entry, changed or not.
    """
    owners: dict[tuple[str, str | None], UUID] = {}
    for build in builds:
        for mart, slices in build.data.marts.items():
            for slice_id in (*slices.ids, *((WHOLE_MART,) if slices.all else ())):
                owners.setdefault((mart, slice_id), build.id)
    counts: dict[tuple[UUID, str], Counter[str]] = {}
    for row in written:
        owner = owners.get((row.mart, row.slice_id)) or owners.get((row.mart, WHOLE_MART))
        if owner is None:  # a mart that caught up with its contract: no build's doing
            continue
        counts.setdefault((owner, row.mart), Counter())[row.action] += row.rows
    return {
        build.id: {
            mart: _change(counts.get((build.id, mart), Counter())) for mart in build.data.marts
        }
        for build in builds
    }


def _change(counts: Counter[str]) -> MartChange:
    return MartChange(inserted=counts["INSERT"], updated=counts["UPDATE"], deleted=counts["DELETE"])
