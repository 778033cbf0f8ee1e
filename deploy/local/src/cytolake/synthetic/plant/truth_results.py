"""The truth of release results: how many fail, how many pass at the first attempt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cytolake.synthetic.plant.judging import passes, specification_of
from cytolake.synthetic.plant.model import Batch, ResultLine, Specification, Version, World
from cytolake.synthetic.plant.truth_figures import Row, share

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


def reported(world: World, *, stage: str | None = None) -> Iterator[Judged]:
    """Yield every line whose current version is verified or published."""
    for batch in world.batches:
        for line in batch.results:
            if line.versions and line.current.state in REPORTED and stage in {None, line.stage}:
                said = line.current
                limits = specification_of(
                    world.specifications,
                    product_code=batch.product.product_code,
                    line=line,
                    at=said.tested_at,
                )
                yield Judged(batch, line, said, limits)


def oos_rate(world: World) -> list[Row]:
    """Failing of all judged release results, by product; the invalidated ones apart."""
    found = defaultdict(list)
    for one in reported(world, stage="release"):
        found[one.batch.product.product_code].append(one)
    rows: list[Row] = []
    for code, results in sorted(found.items()):
        valid = [one for one in results if not one.said.is_invalidated and one.passes is not None]
        failing = sum(one.passes is False for one in valid)
        rows.append(
            {
                "product_code": code,
                "n": len(valid),
                "n_oos": failing,
                "oos_rate": share(failing, len(valid)),
                "n_invalidated": sum(one.said.is_invalidated for one in results),
            }
        )
    return rows


def first_pass_attribute(world: World) -> list[Row]:
    """First results that pass of all first results, by product and attribute; no retests."""
    found = defaultdict(list)
    for one in reported(world, stage="release"):
        if one.line.retest_of is None and one.passes is not None:
            found[one.batch.product.product_code, one.line.attribute].append(one.passes)
    return [
        {
            "product_code": code,
            "attribute": attribute,
            "n": len(results),
            "n_passed": sum(results),
            "first_pass_rate": share(sum(results), len(results)),
        }
        for (code, attribute), results in sorted(found.items())
    ]
