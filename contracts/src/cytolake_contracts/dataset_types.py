"""What a dataset contract says, as values: columns, keys and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Severity = Literal["block", "warn"]
Zone = Literal["raw", "mart"]
RuleKind = Literal["required", "unique", "pattern", "in_set", "range", "row_count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `physical_type` is PostgreSQL's name of its type, `unit` is UCUM."""

    name: str
    logical_type: str
    physical_type: str
    required: bool
    unique: bool
    primary_key: bool
    description: str
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Rows that a rule speaks about: `column` is one of `values`, or is present or absent."""

    column: str
    values: tuple[str, ...] = ()
    present: bool = True

    @property
    def by_value(self) -> bool:
        """Whether the column's value decides, not its presence."""
        return bool(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; `params` by kind.

    required  {}                        the column has a value
    unique    columns                   no two rows of a file agree in all of these
    pattern   pattern                   the text matches (a regular expression)
    in_set    values                    the value is one of these
    range     min_value, max_value,     the number or time lies between; a bound that is absent
              strict_min, strict_max    does not bind, a strict one excludes itself
    row_count min_value                 the file has at least so many rows

    Every kind but `required` leaves a null alone. `where` lists conditions that must all hold.
    """

    id: str
    kind: RuleKind
    column: str | None
    severity: Severity
    description: str
    params: Mapping[str, object]
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetContract:
    """One dataset: what its tables look like and what their rows promise."""

    name: str
    version: str
    zone: Zone
    description: str
    slice_key: str | None
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    primary_key: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def arrow_schema(self) -> pa.Schema:
        """Return the schema of the dataset's Parquet files, every column nullable.

        A missing value must reach the validator, which names it; the writer must not trip on it.
        """
        # Arrow takes a tenth of a second to import, and most readers of contracts need none.
        import pyarrow as pa  # noqa: PLC0415

        types = {
            "text": pa.string(),
            "integer": pa.int32(),
            "bigint": pa.int64(),
            "double precision": pa.float64(),
            "boolean": pa.bool_(),
            "timestamptz": pa.timestamp("us", tz="UTC"),
        }
        return pa.schema(
            pa.field(column.name, types[column.physical_type]) for column in self.columns
        )
