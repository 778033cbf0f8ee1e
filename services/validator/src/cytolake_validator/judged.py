"""What Great Expectations looks at: the values of a table, each once, and the rows that hold them.

Whether a row keeps a rule depends on one value (`unique` apart). So a value is judged once however
many rows have it, and of a range first the least and the greatest, between which all others lie.
What a condition leaves out is no value. All of this is worked out in Arrow, columns at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, cast

import pyarrow as pa
import pyarrow.compute as pc

from cytolake_contracts.datasets import Condition, Rule
from cytolake_validator.rules import SIGN, Check

Places = Sequence[int]


class Engine(Protocol):
    """Great Expectations, as much of it as is asked here."""

    def failing(self, columns: Mapping[str, pa.Array]) -> Sequence[Check]:
        """Return the checks that a value in their column breaks."""
        ...

    def places(self, check: Check, values: pa.Array) -> Places:
        """Return the places of the values that break a check."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """The values that one rule looks at, and the rows that hold the values at some places."""

    rule: Rule
    values: pa.Array
    rows: Callable[[Places], pa.Array]


def broken_rows(
    table: pa.Table, file: pa.Array, checks: Iterable[Check], engine: Engine
) -> Iterator[tuple[str, list[int]]]:
    """Yield rule and rows of all that breaks; `file` tells the files of a batch apart."""
    first = {check.column: pa.concat_arrays(_first(table, file, check)) for check in checks}
    # First only whether: where is asked of the few that fail, at twice the price.
    for check in engine.failing(first):
        parts = [_part(table, file, rule) for rule in check.rules]
        places = engine.places(check, pa.concat_arrays([part.values for part in parts]))
        for part, own in _split(parts, places):
            yield part.rule.id, part.rows(own).to_pylist()


def _first(table: pa.Table, file: pa.Array, check: Check) -> list[pa.Array]:
    """Return of each rule the values that decide whether any is broken."""
    if check.rules[0].kind != "range":
        return [_part(table, file, rule).values for rule in check.rules]
    columns = [_looked_at(table, rule) for rule in check.rules]
    ends = [(pc.min_max(column), column.type) for column in columns]
    return [pa.array([end["min"].as_py(), end["max"].as_py()], kind) for end, kind in ends]


def _split(parts: Sequence[Part], places: Places) -> Iterator[tuple[Part, Places]]:
    bounds = [0]
    for part in parts:
        bounds.append(bounds[-1] + len(part.values))
    for part, (start, end) in zip(parts, pairwise(bounds), strict=True):
        if own := [place - start for place in places if start <= place < end]:
            yield part, own


def _part(table: pa.Table, file: pa.Array, rule: Rule) -> Part:
    if rule.kind == "required":
        return _required(table, rule)
    if rule.kind == "unique":
        return _unique(table, file, rule)
    codes = _codes(_looked_at(table, rule))
    # A dictionary may hold what no row has (any more): only what rows have is judged.
    used = pc.drop_null(pc.unique(codes.indices))
    values = codes.dictionary.take(used)
    if rule.kind == "in_set":
        values = _signed(rule, values)
    return Part(
        rule, values, lambda own: pc.indices_nonzero(pc.is_in(codes.indices, used.take(own)))
    )


def _required(table: pa.Table, rule: Rule) -> Part:
    absent = pc.is_null(table.column(str(rule.column)))
    for condition in rule.where:
        absent = pc.and_kleene(absent, _holds(table, condition))
    values = pa.array([rule.id] if pc.any(absent).as_py() else [], pa.string())
    return Part(rule, values, lambda _: pc.indices_nonzero(absent))


def _unique(table: pa.Table, file: pa.Array, rule: Rule) -> Part:
    columns = cast("tuple[str, ...]", rule.params["columns"])
    parts = [pc.cast(column, pa.string()) for column in (file, *map(table.column, columns))]
    joined = pc.binary_join_element_wise(*parts, SIGN)  # null where any part is
    joined = _spoken_of(table, rule, joined)
    return Part(rule, _signed(rule, _flat(joined)), pa.array)


def _signed(rule: Rule, values: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(rule.id, pc.cast(values, pa.string()), SIGN)


def _looked_at(table: pa.Table, rule: Rule) -> Any:  # noqa: ANN401
    column = table.column(str(rule.column))
    if rule.kind == "range" and not pa.types.is_timestamp(column.type):
        column = pc.cast(column, pa.float64())
        # pandas cannot tell "not a number" from a missing one: it must be out of every range.
        column = pc.if_else(pc.is_nan(column), pa.scalar(float("inf")), column)
    return _spoken_of(table, rule, column)


def _spoken_of(table: pa.Table, rule: Rule, column: Any) -> Any:  # noqa: ANN401
    """Return the column, null in the rows that the rule does not speak about."""
    for condition in rule.where:
        column = pc.if_else(_holds(table, condition), column, pa.scalar(None, column.type))
    return column


def _holds(table: pa.Table, condition: Condition) -> Any:  # noqa: ANN401
    column = table.column(condition.column)
    if condition.by_value:
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        return pc.is_in(column, pa.array(condition.values, kind))
    return pc.is_valid(column) if condition.present else pc.is_null(column)


def _codes(column: Any) -> pa.DictionaryArray:  # noqa: ANN401
    if not pa.types.is_dictionary(column.type):
        return _flat(column).dictionary_encode()
    return _flat(column.unify_dictionaries() if column.num_chunks > 1 else column)


def _flat(column: Any) -> Any:  # noqa: ANN401 - of a column in pieces, one
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
