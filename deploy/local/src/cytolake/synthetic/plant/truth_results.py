"""The truth of release results: how many fail, how many pass at the first attempt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cytolake.synthetic.plant.judging import passes, specification_of
from cytolake.synthetic.plant.model import Batch, ResultLine, Specification, Version, World
from cytolake.synthetic.plant.truth_figures import Row, month_of, share

REPORTED = frozenset({"verified", "published"})


@dataclass(frozen=True, slots=True)
class Judged:
    """A line that was reported, what it says now, and whether that passes."""

    batch: Batch
    line: ResultLine
    said: Version
    limits: Specification | None

    @property
    def passes(self) -> bool | None:
        """Whether it passes; None where nothing decides."""
        return passes(self.said, self.limits)


def reported(world: World) -> Iterator[Judged]:
    """Yield every line whose current version is verified or published."""
    for batch in world.batches:
        for line in batch.results:
            if line.versions and line.current.state in REPORTED:
                yield _judged(world, batch, line, line.current)


def _first_reported(world: World) -> Iterator[Judged]:
    """Yield what each line said when it was first reported, whatever was corrected since."""
    for batch in world.batches:
        for line in batch.results:
            first = next((one for one in line.versions if one.state in REPORTED), None)
            if first is not None and line.retest_of is None:
                yield _judged(world, batch, line, first)


def _judged(world: World, batch: Batch, line: ResultLine, said: Version) -> Judged:
    code = batch.product.product_code
    limits = specification_of(world.specifications, product_code=code, line=line, at=said.tested_at)
    return Judged(batch, line, said, limits)


def oos_rate(world: World) -> list[Row]:
    """Failing of all judged release results, by product, attribute and month of verification."""
    found = defaultdict(list)
    for one in reported(world):
        if one.limits is not None and one.limits.is_release:
            product = one.batch.product
            month = month_of(one.said.verified_at or one.said.tested_at, product.site)
            found[product.product_code, one.line.attribute, month].append(one)
    rows: list[Row] = []
    for (code, attribute, month), results in sorted(found.items()):
        valid = [one for one in results if not one.said.is_invalidated and one.passes is not None]
        failing = sum(one.passes is False for one in valid)
        rows.append(
            {
                "product_code": code,
                "attribute": attribute,
                "month": month,
                "n": len(valid),
                "n_oos": failing,
                "oos_rate": share(failing, len(valid)),
                "n_invalidated": sum(one.said.is_invalidated for one in results),
            }
        )
    return rows


def first_pass_attribute(world: World) -> list[Row]:
    """First reported results that pass of all first results; no retests, whatever the stage."""
    found = defaultdict(list)
    for one in _first_reported(world):
        found[one.batch.product.product_code, one.line.attribute].append(one.passes)
    rows: list[Row] = []
    for (code, attribute), results in sorted(found.items()):
        decided = [one for one in results if one is not None]
        rows.append(
            {
                "product_code": code,
                "attribute": attribute,
                "n": len(decided),
                "n_passed": sum(decided),
                "n_undecided": len(results) - len(decided),
                "first_pass": share(sum(decided), len(decided)),
            }
        )
    return rows
