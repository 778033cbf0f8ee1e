"""What a layout file says: how one kind of table or of records becomes rows of a dataset.

A layout is data: a new kind of file is a new `<name>.layout.yaml`, and no Python. Every field
says what it means; the reference page and the JSON Schema for editors derive from here.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["text", "number", "integer", "time", "boolean", "value"]
Scalar = str | int | float | bool
VALUE_NAMES = ("quantity", "value", "unit", "qualifier")
"""Columns of a long table (one value a row), whatever the dataset calls them itself."""

Code = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
HEADERS = (
    "The header as files write it, with every other spelling known. Capitals, blanks, hyphens and "
    "underscores make no difference; a unit in it does."
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileKind(_Part):
    """What the files are, before any cell is read. What is left out is found in the file."""

    kind: Literal["csv", "xlsx", "json", "parquet", "records"] = Field(
        default="csv",
        description="`csv` is any delimited text; `xlsx` also reads xlsm and xls. `json` and "
        "`parquet` hold records: their fields are the headers, of nested ones with dots between "
        "(`data.sample_id`). JSON is one value, or one a line. `records` is either.",
    )
    sheet: str | None = Field(
        default=None, description="The sheet's name (xlsx). Without: the first that has the header."
    )
    encoding: str | None = Field(default=None, description="E.g. `cp1252`. Without: recognised.")
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(
        default=None, description="Between the cells (csv). Without: the one the header has."
    )
    decimal: Literal[".", ","] | None = Field(
        default=None,
        description="In numbers. Without: a point, and a comma too where it is no delimiter.",
    )
    thousands: Literal[".", ",", " ", "'"] | None = Field(
        default=None, description="Between groups of three digits. Without: none is accepted."
    )


class When(_Part):
    """Which records are of this layout, where several share a source (see `group`): either way."""

    field: str | None = Field(default=None, description="The field that says it, e.g. `type`.")
    is_: tuple[str, ...] = Field(
        default=(), alias="is", description="Its texts; `*` stands for anything: `lims.result.*`."
    )
    stream: tuple[str, ...] = Field(
        default=(),
        description="Names of streams: a folder of the file's key below its source has one.",
    )


class HeaderPlace(_Part):
    """Where the header stands. It is found by its cells; `row` only where that is not enough."""

    row: int | None = Field(default=None, ge=1, description="Its line in the file, from 1.")
    within: int = Field(default=100, ge=1, le=1000, description="Lines to look for it in.")
    skip_below: int = Field(
        default=0, ge=0, le=10, description="Lines right below it without values, e.g. of units."
    )
    comment: str | None = Field(
        default=None, min_length=1, description="A line that begins with this says nothing."
    )
    end: str | None = Field(
        default=None,
        min_length=1,
        description="The table ends before the line whose first cell begins with this.",
    )


class Times(_Part):
    """How times are written. A date that could be read in two ways is never guessed."""

    formats: tuple[str, ...] = Field(
        default=(),
        description="As of strptime, e.g. `%d.%m.%Y %H:%M`; tried in order. Without: ISO 8601 and "
        "dates such as 21.03.2026.",
    )
    zone: str | None = Field(
        default=None,
        description="IANA zone of times that name none. Without: the source's. Of the hour that a "
        "clock repeats in autumn, the first passage is meant.",
    )


class LayoutColumn(_Part):
    """One column of the file for one column of the dataset."""

    name: str = Code
    headers: tuple[str, ...] = Field(
        default=(), description=f"{HEADERS} Without: the column's name."
    )
    kind: Kind = Field(
        default="text",
        description="What its cells hold. `value` is a number, a censored number (`<0.05`) or a "
        "text (`no growth`), and stays what it is.",
    )
    must: bool = Field(default=False, description="A file without this column is refused.")
    unit: str | None = Field(
        default=None, description="The unit of its numbers; converted to the dataset's."
    )
    formats: tuple[str, ...] = Field(default=(), description="Of its times, before the layout's.")
    clock: tuple[str, ...] = Field(
        default=(), description="Headers of the column with the clock, where date and clock part."
    )
    texts: dict[str, Scalar] = Field(
        default_factory=dict, description="What a cell's text stands for, e.g. `Valid: verified`."
    )

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every header that this column goes by."""
        return self.headers or (self.name,)


class Measure(_Part):
    """A column whose every cell is a value: each becomes a row of its own."""

    headers: tuple[str, ...] = Field(min_length=1, description=HEADERS)
    quantity: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9_]*$",
        description="The quantity's code, e.g. `vcd`. Without: made from the header.",
    )
    unit: str | None = Field(default=None, description="As people write it, e.g. `10^6 cells/mL`.")
    kind: str = Field(default="measured", description="What the value is (dataset `measurement`).")
    target: str | None = Field(default=None, description="What is measured in the sample.")
    must: bool = Field(default=False, description="A file without this column is refused.")

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every header that this column goes by."""
        return self.headers


class Tags(_Part):
    """Columns that say in their headers what they hold, however many: each is a tag."""

    header: str = Field(
        description="A regular expression that a tag's header matches as a whole, with the group "
        "`tag` and, where the header has them, `unit_operation` and `unit`: "
        r"`(?P<unit_operation>\w+)\.(?P<tag>\S+) \[(?P<unit>.*)\]`."
    )


class Above(_Part):
    """A value that stands above the header, beside its label, and holds for every row."""

    name: str = Code
    labels: tuple[str, ...] = Field(min_length=1, description="The label, e.g. `Batch ID`.")
    kind: Kind = "text"
    must: bool = Field(default=False, description="A file without it is refused.")


class Layout(_Part):
    """One kind of table, and the dataset that its rows belong to."""

    layout: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,62}$", description="Its name; the file is named after it."
    )
    version: int = Field(default=1, ge=1, description="Raise it when the meaning changes.")
    title: str = Field(min_length=1, max_length=80, description="What people call such a table.")
    dataset: str = Field(description="The dataset contract that its rows keep.")
    file: FileKind = FileKind()
    group: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="A name that several layouts of records share. A source registered with it "
        "has each file read by the one whose `when` its records match.",
    )
    when: When | None = Field(default=None, description="See below.")
    records: str | None = Field(
        default=None,
        description="Where in the JSON the records are, e.g. `data`: an object, or a list of them. "
        "What stands around them holds for each. Without: the whole document.",
    )
    skip_without: tuple[str, ...] = Field(
        default=(),
        description="Columns of the dataset without which a record is not ready: it is left out "
        "and counted, and keeps no others back.",
    )
    header: HeaderPlace = HeaderPlace()
    times: Times = Times()
    columns: tuple[LayoutColumn, ...] = ()
    measures: tuple[Measure, ...] = ()
    tags: Tags | None = Field(
        default=None, description="Process data: the columns that are tags (only where `large`)."
    )
    above: tuple[Above, ...] = ()
    constants: dict[str, Scalar] = Field(
        default_factory=dict, description="Columns of the dataset with one value for every row."
    )
    ignore: tuple[str, ...] = Field(
        default=(), description="Headers of columns that are known and not read."
    )
    placeholders: tuple[str, ...] = Field(
        default=(), description="Further texts that stand for no value, beside `N/A` and the like."
    )
    large: bool = Field(
        default=False, description="Files of any size, streamed; rows are not held in memory."
    )
    max_rows: int = Field(default=200_000, ge=1, description="Where it is not `large`.")
    max_bytes: int = Field(default=20_000_000, ge=1, description="Where it is not `large`.")

    @property
    def name(self) -> str:
        """Its name: what a source is registered with."""
        return self.layout

    @property
    def has_records(self) -> bool:
        """Whether its files hold records, not cells."""
        return self.file.kind in {"json", "parquet", "records"}

    @property
    def parts(self) -> tuple[LayoutColumn | Measure, ...]:
        """Every column of the file that is read."""
        return (*self.columns, *self.measures)

    @property
    def must(self) -> tuple[LayoutColumn | Measure, ...]:
        """The columns without which a file is not of this layout."""
        return tuple(part for part in self.parts if part.must)


def header_name(cell: str) -> str:
    """Return a header cell as headers are compared: `Sample ID` is `sample_id`."""
    text = unicodedata.normalize("NFKC", cell).replace("μ", "u")
    return "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
