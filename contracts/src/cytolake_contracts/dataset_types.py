"""What a dataset contract says, as values: columns, keys and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Severity = Literal["block", "warn"]
Zone = Literal["raw", "curated", "mart"]
ZONES: tuple[Zone, ...] = ("raw", "curated", "mart")
PHYSICAL_TYPES: Mapping[str, str] = {
    "text": "string",
    "integer": "int32",
    "bigint": "int64",
    "double precision": "float64",
    "boolean": "bool_",
    "timestamptz": "timestamp",
}
"""PostgreSQL's names of the types that columns may have, and what Arrow calls them."""

CONTRACT_KEY = "cytolake.contract"
"""Where a Parquet file's own metadata says which contract it was written for."""

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
class Freshness:
    """The newest value of `column` is to be no older than this."""

    column: str
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetContract:
    """One dataset: what its tables look like and what their rows promise.

    `family` is its name in every version; `name` is the table's, which for a later major version
    says so (`sample_v2`): both versions can be in use. `made_as` is parquet, table or view.
    """

    name: str
    version: str
    zone: Zone
    description: str
    slice_key: str | None
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    primary_key: tuple[str, ...]
    family: str = ""
    status: str = "active"
    owner: str = ""
    freshness: Freshness | None = None
    made_as: str = "table"
    granularity: str = ""

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(self.version.split(".")[0])

    @property
    def reference(self) -> str:
        """The version in force, as a Parquet file's metadata name it: `measurement 1.0.0`."""
        return f"{self.name} {self.version}"

    def arrow_schema(self) -> pa.Schema:
        """Return the schema of the dataset's Parquet files, every column nullable.

        A missing value must reach the validator, which names it; the writer must not trip on it.
        """
        # Arrow takes a tenth of a second to import, and most readers of contracts need none.
        import pyarrow as pa  # noqa: PLC0415

        types = {
            name: pa.timestamp("us", tz="UTC") if arrow == "timestamp" else getattr(pa, arrow)()
            for name, arrow in PHYSICAL_TYPES.items()
        }
        return pa.schema(
            [pa.field(column.name, types[column.physical_type]) for column in self.columns],
            metadata={CONTRACT_KEY: self.reference},
        )
