"""What changed between two versions of the contracts, and whether their versions say so. Pure.

*Breaking* is what a reader of the dataset could stumble over; it is never made in place: the new
major version is a dataset of its own beside the old (`sample_v2` beside `sample`), until nobody
reads the old. *Additive* asks for a new minor version, a change of *words* for a new patch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from cytolake_contracts.dataset_types import Column, DatasetContract

LOSSLESS = {("integer", "bigint"), ("integer", "double precision")}
MAY_GO = {"deprecated", "retired"}


class Weight(IntEnum):
    """How much of the version a change raises."""

    WORDS = 1
    ADDITIVE = 2
    BREAKING = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of a contract."""

    weight: Weight
    what: str


def changes(old: DatasetContract, new: DatasetContract) -> list[Change]:
    """Return every difference, the heaviest first."""
    found = [*_of_the_table(old, new), *_of_columns(old, new), *_of_rules(old, new)]
    return sorted(found, key=lambda change: -change.weight)


def faults(
    released: Mapping[str, DatasetContract], now: Mapping[str, DatasetContract]
) -> list[str]:
    """Return, in words, every contract whose version does not say how it changed."""
    return [
        words
        for name, old in released.items()
        if (words := _fault(old, now[name]) if name in now else _gone(old))
    ]


def _gone(old: DatasetContract) -> str | None:
    if old.status in MAY_GO:
        return None
    return f"{old.name} is gone: release it with `status: deprecated` first, its readers must know"


def _fault(old: DatasetContract, new: DatasetContract) -> str | None:
    found = changes(old, new)
    if not found:
        return None
    weight, told = found[0].weight, "; ".join(change.what for change in found)
    if weight is Weight.BREAKING:
        beside = f"{old.family}_v{old.major + 1}"
        return f"{old.name}: {told}. This breaks its readers: leave it, and write {beside} beside"
    numbers = [int(number) for number in old.version.split(".")]
    least = (
        (numbers[0], numbers[1] + 1, 0)
        if weight is Weight.ADDITIVE
        else (numbers[0], numbers[1], numbers[2] + 1)
    )
    if tuple(map(int, new.version.split("."))) >= least:
        return None
    asked = ".".join(map(str, least))
    return f"{old.name}: {told}. Raise its version from {old.version} to {asked}"


def _of_the_table(old: DatasetContract, new: DatasetContract) -> Iterator[Change]:
    pairs = {
        "its primary key": (old.primary_key, new.primary_key),
        "its sliceKey": (old.slice_key, new.slice_key),
        "its zone": (old.zone, new.zone),
    }
    for what, (before, after) in pairs.items():
        if before != after:
            yield Change(Weight.BREAKING, f"{what} was {before}, is {after}")
    if old.freshness != new.freshness:
        yield Change(Weight.ADDITIVE, "its freshness changed")
    words = ("owner", "status", "granularity", "description", "made_as")
    if [getattr(old, name) for name in words] != [getattr(new, name) for name in words]:
        yield Change(Weight.WORDS, "what is said of the whole changed")


def _of_columns(old: DatasetContract, new: DatasetContract) -> Iterator[Change]:
    before, after = ({c.name: c for c in contract.columns} for contract in (old, new))
    for name in sorted(before.keys() - after.keys()):
        yield Change(Weight.BREAKING, f"column {name} is gone")
    for name in sorted(after.keys() - before.keys()):
        yield Change(Weight.ADDITIVE, f"column {name} is new")
    for name in sorted(before.keys() & after.keys()):
        yield from _of_column(before[name], after[name])


def _of_column(old: Column, new: Column) -> Iterator[Change]:
    if old.physical_type != new.physical_type:
        lossless = (old.physical_type, new.physical_type) in LOSSLESS
        weight = Weight.ADDITIVE if lossless else Weight.BREAKING
        yield Change(weight, f"{old.name} was {old.physical_type}, is {new.physical_type}")
    if old.unit != new.unit:
        yield Change(Weight.BREAKING, f"the unit of {old.name} was {old.unit}, is {new.unit}")
    if old.required and not new.required:
        yield Change(Weight.BREAKING, f"{old.name} may now be missing")
    if old.description != new.description:
        yield Change(Weight.WORDS, f"what is said of {old.name} changed")


def _of_rules(old: DatasetContract, new: DatasetContract) -> Iterator[Change]:
    before, after = ({rule.id: rule for rule in contract.rules} for contract in (old, new))
    for rule in sorted(before.keys() ^ after.keys()):
        yield Change(Weight.ADDITIVE, f"rule {rule} is {'new' if rule in after else 'gone'}")
    for rule in sorted(before.keys() & after.keys()):
        if before[rule] != after[rule]:
            yield Change(Weight.ADDITIVE, f"rule {rule} changed")
