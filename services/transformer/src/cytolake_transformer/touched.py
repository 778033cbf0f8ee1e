"""What a build touches: files with all their versions, and the models that follow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cytolake_transformer.builds import Load, RunKey


@dataclass(frozen=True, slots=True)
class Known:
    """What the lake knows of some runs and of the files that they are of.

    `builds`: of each run that is in it, built and not retracted. `objects`: by dataset, those of
    these files that any run ever had rows of it from: what a newer run no longer has must go.
    """

    builds: Mapping[RunKey, int] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    objects: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What a build touches: logical files, and by dataset all objects that are versions of them."""

    files: frozenset[str]
    objects: Mapping[str, frozenset[str]]
    new: frozenset[str] = frozenset()
    """Objects that no table of the lake can have rows of yet: there is nothing to delete."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """Return the datasets that rows come or go of, in order of name."""
        return tuple(sorted(self.objects))

    def lists(self) -> dict[str, list[str]]:
        """Return it as dbt's macros read it: lists of ids by name."""
        told = {f"touched_{dataset}": sorted(ids) for dataset, ids in self.objects.items()}
        return told | {"touched_file": sorted(self.files), "new_object": sorted(self.new)}


def datasets_of(loads: Iterable[Load]) -> tuple[str, ...]:
    """Return the datasets that the runs have tables of, in order of name."""
    return tuple(sorted({part.dataset for load in loads for part in load.parts}))


def touched_by(loads: Sequence[Load], known: Known) -> Touched:
    """Return what a build of these runs touches, whatever else is known of their files."""
    objects = {dataset: set(ids) for dataset, ids in known.objects.items()}
    seen = frozenset[str]().union(*known.objects.values())
    for load in loads:
        for part in load.parts:
            objects.setdefault(part.dataset, set()).add(load.object_id)
    return Touched(
        files=known.files | {load.file_key for load in loads},
        objects={dataset: frozenset(ids) for dataset, ids in objects.items()},
        new=frozenset(load.object_id for load in loads) - seen,
    )


def models_touched(
    children: Mapping[str, Iterable[str]], sources: Iterable[str], *, hot: Iterable[str]
) -> tuple[str, ...]:
    """Return those of `hot` that descend from any of `sources` in dbt's graph, by name."""
    wanted, waiting = set(hot), list(sources)
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += children.get(node, ())
    return tuple(sorted(wanted & seen))
