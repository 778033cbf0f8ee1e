"""Which values are looked at, and which rows a broken one stands for; the engine is a few lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pytest

from cytolake_contracts.datasets import Condition, DatasetContract, Rule
from cytolake_validator.judged import broken_rows
from cytolake_validator.rules import Check, checks_of

TABLE = pa.table({"n": [1.0, float("nan"), None, 7.0, 1.0], "t": ["a", None, "b", "b", "a"]})
HAS_NUMBER = Condition(column="n", present=True)


def rule(kind: str, column: str, *where: Condition, id_: str = "it", **params: object) -> Rule:
    return Rule(
        id=id_,
        kind=kind,  # type: ignore[arg-type]
        column=column,
        severity="block",
        description="words",
        params=params,
        where=where,
    )


def checks(*rules: Rule) -> tuple[Check, ...]:
    contract = DatasetContract(
        name="d",
        version="1",
        zone="raw",
        description="",
        slice_key=None,
        columns=(),
        rules=rules,
        primary_key=(),
    )
    return checks_of(contract)


@dataclass
class Refusing:
    """Refuses the values that it is told to; keeps what it was asked."""

    of: tuple[Check, ...]
    refuses: Callable[[object], bool]
    asked: list[list[object]] = field(default_factory=list)

    def failing(self, columns: Mapping[str, pa.Array]) -> list[Check]:
        return [check for check in self.of if self.places(check, columns[check.column])]

    def places(self, _check: Check, values: pa.Array) -> Sequence[int]:
        self.asked.append(values.to_pylist())
        return [n for n, value in enumerate(self.asked[-1]) if self.refuses(value)]


def found(
    *rules: Rule, refuses: Callable[[object], bool], table: pa.Table = TABLE, files: int = 1
) -> tuple[dict[str, list[int]], list[list[object]]]:
    engine = Refusing(checks(*rules), refuses)
    file = pa.array([row * files // table.num_rows for row in range(table.num_rows)])
    return dict(broken_rows(table, file, engine.of, engine)), engine.asked


@pytest.mark.parametrize("encoded", [False, True])
def test_a_text_is_asked_about_once_and_stands_for_all_its_rows(*, encoded: bool) -> None:
    text = TABLE.column("t")
    pieces = pa.chunked_array([text.chunk(0).slice(0, 1), text.chunk(0).slice(1)])
    column = pieces.dictionary_encode() if encoded else pieces
    table = TABLE.set_column(1, "t", column)
    broken, asked = found(
        rule("pattern", "t", pattern="x"), refuses=lambda value: value == "b", table=table
    )
    assert broken == {"it": [2, 3]}
    assert asked == [["a", "b"]] * 2


def test_of_a_range_the_ends_are_asked_first() -> None:
    one = rule("range", "n", min_value=0)
    finite = TABLE.filter(pa.array([True, False, True, True, True]))
    assert found(one, refuses=lambda _: False, table=finite) == ({}, [[1.0, 7.0]])
    broken, asked = found(one, refuses=lambda value: value == 7.0, table=finite)
    assert broken == {"it": [2]}
    assert asked == [[1.0, 7.0], [1.0, 7.0]]


def test_not_a_number_is_out_of_every_range() -> None:
    broken, asked = found(
        rule("range", "n", min_value=0), refuses=lambda value: value == float("inf")
    )
    assert broken == {"it": [1]}
    assert asked[0] == [1.0, float("inf")]


def test_rows_outside_a_condition_are_not_looked_at() -> None:
    one = rule("pattern", "t", Condition(column="t", values=("b", "c")), pattern="x")
    broken, asked = found(one, refuses=lambda value: value is not None)
    assert broken == {"it": [2, 3]}
    assert asked[0] == ["b"]


def test_a_value_is_missing_only_where_its_condition_holds() -> None:
    both = (
        rule("required", "t", HAS_NUMBER, id_="text_of_a_number"),
        rule("required", "n", Condition(column="t", values=("b",)), id_="number_of_b"),
        rule("required", "n", Condition(column="t", values=("a",)), id_="number_of_a"),
    )
    broken, asked = found(*both, refuses=lambda value: value is not None)
    assert broken == {"text_of_a_number": [1], "number_of_b": [2]}
    assert asked[0] == ["text_of_a_number", "number_of_b"]


def test_values_of_two_sets_are_told_apart() -> None:
    rules = (
        rule("in_set", "t", id_="one", values=("a",)),
        rule("in_set", "t", id_="two", values=()),
    )
    (check,) = checks(*rules)
    allowed = check.kwargs["value_set"]
    assert isinstance(allowed, list)
    broken, _ = found(*rules, refuses=lambda value: value not in allowed)
    assert broken == {"one": [2, 3], "two": [0, 2, 3, 4]}


def test_the_files_of_a_batch_are_apart_in_unique_values() -> None:
    one = rule("unique", "t", columns=("t",))
    _, asked = found(one, refuses=lambda _: False, files=2)
    assert asked[0] == [
        f"it\x1f{n}\x1f{t}" if t else None
        for n, t in zip([0, 0, 0, 1, 1], TABLE.column("t").to_pylist(), strict=True)
    ]
