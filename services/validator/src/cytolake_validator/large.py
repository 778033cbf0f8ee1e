"""Tables too large to hold, judged batch by batch: the verdict is the one of the whole. Pure.

Rules about single rows do not care where a table is cut. A rule about rows together (unique) is
kept by a column that only ever rises, which batches can tell; any other is asked of a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from cytolake_contracts.datasets import DatasetContract, Rule
from cytolake_validator.rules import Broken, Extract
from cytolake_validator.shown import MAX_ROWS

BY_BATCHES = " by batches"


def by_batches(contract: DatasetContract) -> DatasetContract:
    """Return the contract with the rules about single rows only, under a name of its own."""
    rules = tuple(rule for rule in contract.rules if rule.kind != "unique")
    return replace(contract, name=f"{contract.name}{BY_BATCHES}", rules=rules)


@dataclass(slots=True)
class Tally:
    """What batches break: counts, and of each rule the first rows; batches come in order."""

    contract: DatasetContract
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    _kept: list[pa.Table] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)
    _places: dict[str, list[int]] = field(default_factory=dict)
    _rising: dict[str, object] = field(init=False)

    def __post_init__(self) -> None:
        """Expect every column of a unique rule to rise, until one does not."""
        columns = (_columns(rule) for rule in _unique(self.contract))
        self._rising = {name: None for names in columns for name in names}

    def add(self, batch: pa.Table, broken: Broken) -> None:
        """Count what a batch breaks."""
        for rule, rows in broken.items():
            self.counts[rule] = self.counts.get(rule, 0) + len(rows)
            self.keep(rule, batch, rows, [self.rows + row for row in rows[:MAX_ROWS]])
        for name in list(self._rising):
            if not self._rises(name, batch.column(name)):
                del self._rising[name]
        self.rows += batch.num_rows

    def keep(self, rule: str, table: pa.Table, rows: Sequence[int], numbers: Sequence[int]) -> None:
        """Keep rows of a table as examples of a rule, up to what is shown."""
        places = self._places.setdefault(rule, [])
        for row, number in zip(rows[: MAX_ROWS - len(places)], numbers, strict=False):
            places.append(len(self._numbers))
            # A copy: a slice would hold on to its whole batch.
            self._kept.append(table.take([row]).cast(self.contract.arrow_schema()))
            self._numbers.append(number)

    def undecided(self) -> Iterator[Rule]:
        """Yield the unique rules that no rising column keeps."""
        for rule in _unique(self.contract):
            if not self._rising.keys() & set(_columns(rule)):
                yield rule

    def result(self) -> tuple[pa.Table, Broken, Extract]:
        """Return the kept rows, the places in them by rule, and what the whole table is."""
        schema = self.contract.arrow_schema()
        table = pa.concat_tables([schema.empty_table(), *self._kept])
        counted = _by_count(self.contract, self.rows)
        broken: Mapping[str, tuple[int, ...]] = {r: tuple(p) for r, p in self._places.items() if p}
        counts = self.counts | dict.fromkeys(counted, 0)
        return (
            table,
            {**counted, **broken},
            Extract(rows=self.rows, counts=counts, numbers=self._numbers),
        )

    def _rises(self, name: str, column: pa.ChunkedArray) -> bool:
        if not len(column) or column.null_count:
            return not column.null_count
        before = self._rising[name]
        flat = column.combine_chunks()
        steps = pc.all(pc.greater(flat[1:], flat[:-1])).as_py() in {True, None}
        first, self._rising[name] = flat[0].as_py(), flat[-1].as_py()
        return bool(steps and (before is None or first > before))


def _by_count(contract: DatasetContract, rows: int) -> dict[str, tuple[int, ...]]:
    return {
        rule.id: ()
        for rule in contract.rules
        if rule.kind == "row_count" and rows < cast("int", rule.params["min_value"])
    }


def _unique(contract: DatasetContract) -> Iterable[Rule]:
    return (rule for rule in contract.rules if rule.kind == "unique")


def _columns(rule: Rule) -> tuple[str, ...]:
    return cast("tuple[str, ...]", rule.params["columns"])
