"""A layout held against the contract of its dataset: what would go wrong is said before a file is.

Each fault is a place in the layout file and a sentence with what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from cytolake_contracts.dataset_types import DatasetContract
from cytolake_contracts.layout_large import large_faults, tag_groups
from cytolake_contracts.layout_model import (
    VALUE_NAMES,
    Above,
    Kind,
    Layout,
    LayoutColumn,
    Scalar,
    header_name,
)
from cytolake_contracts.layout_records import record_faults

Place = tuple[str | int, ...]
Fault = tuple[Place, str]

VALUE_DATASETS = frozenset({"measurement", "process_reading", "result"})
"""Datasets with a value a row: `measures`, or a column of kind `value`, fill them."""
GIVEN = frozenset(
    {
        "object_id", "run_id", "run_no", "row_no", "ordinal", "source_path", "vendor", "layout",
        "asm_manifest", "parser_version", "time_source", "is_custom", "measurement_key",
        "result_key", "reading_key", "quantity_raw", "attribute", "attribute_raw", "tag", "value",
        "value_raw", "value_num", "value_text", "value_std", "qualifier", "unit", "unit_raw",
        "unit_ucum",
    }
)  # fmt: skip
"""Columns of datasets of values that are made, not read."""
IDS = frozenset({"object_id", "run_id", "run_no", "row_no"})
"""Columns that are made in every other dataset."""
TYPES: Mapping[str, tuple[Kind, ...]] = {
    "text": ("text",),
    "integer": ("integer",),
    "bigint": ("integer",),
    "double precision": ("number", "integer"),
    "boolean": ("boolean",),
    "timestamptz": ("time",),
}
TODO = "TODO"
NO_FORMAT = (
    "{form!r} is no time format with year, month and day; write one such as '%d.%m.%Y %H:%M'"
)
NEEDED = (
    "{dataset} needs {column} in every row: name the column it stands in, or give it under "
    "`constants`"
)
SAMPLE_TIME = datetime(2026, 3, 21, 16, 56, 7)  # noqa: DTZ001 - only to try a format


def layout_faults(layout: Layout, contracts: Mapping[str, DatasetContract]) -> Iterator[Fault]:
    """Yield what keeps this layout from giving rows of its dataset."""
    yield from _undecided(layout.model_dump(by_alias=True), ())
    yield from _marks(layout)
    yield from _times(layout)
    yield from _headers(layout)
    yield from large_faults(layout)
    yield from record_faults(layout)
    contract = contracts.get(layout.dataset)
    if contract is None or contract.zone != "raw":
        known = ", ".join(sorted(c.name for c in contracts.values() if c.zone == "raw"))
        yield ("dataset",), f"there is no raw dataset {layout.dataset!r}; there are {known}"
        return
    yield from _names(layout, contract)
    yield from _lacking(layout, contract)


def _undecided(node: object, place: Place) -> Iterator[Fault]:
    """A draft says TODO where the samples can be read in two ways."""
    if isinstance(node, str) and node.startswith(TODO):
        yield place, f"this is still to be decided by a person ({node})"
    items = node.items() if isinstance(node, dict) else ()
    parts = enumerate(node) if isinstance(node, list | tuple) else items
    for key, part in parts:
        yield from _undecided(part, (*place, key))


def _marks(layout: Layout) -> Iterator[Fault]:
    file = layout.file
    if file.decimal and file.decimal in {file.thousands, file.delimiter}:
        yield ("file", "decimal"), f"{file.decimal!r} cannot be two things: see the other marks"
    if file.encoding is not None and not _is_encoding(file.encoding):
        yield ("file", "encoding"), f"{file.encoding!r} is no encoding of text; leave it out"
    if file.thousands == "." and file.decimal is None:
        yield ("file", "thousands"), 'with "." between thousands, say `decimal: ","`'


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _times(layout: Layout) -> Iterator[Fault]:
    places: list[tuple[Place, tuple[str, ...]]] = [(("times", "formats"), layout.times.formats)]
    places += [(("columns", n, "formats"), c.formats) for n, c in enumerate(layout.columns)]
    for place, formats in places:
        for number, form in enumerate(formats):
            if not _is_format(form):
                yield (*place, number), NO_FORMAT.format(form=form)
    zone = layout.times.zone
    if zone is not None and not _is_zone(zone):
        yield ("times", "zone"), f"{zone!r} is no IANA time zone; write one such as Europe/Berlin"


def _is_format(form: str) -> bool:
    try:
        read = datetime.strptime(SAMPLE_TIME.strftime(form), form)  # noqa: DTZ007 - only tried
    except (ValueError, re.error):  # a directive that stands twice is no ValueError
        return False
    return read.date() == SAMPLE_TIME.date()


def _is_zone(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return False
    return True


def _headers(layout: Layout) -> Iterator[Fault]:
    seen: set[str] = set()
    places: list[tuple[Place, tuple[str, ...]]] = [
        *((("columns", n), column.spellings) for n, column in enumerate(layout.columns)),
        *((("measures", n), measure.headers) for n, measure in enumerate(layout.measures)),
        (("ignore",), layout.ignore),
    ]
    for place, spellings in places:
        names = {header_name(text) for text in spellings}
        if "" in names:
            yield place, "a header must not be empty"
        for name in sorted(names & seen):
            yield place, f"the header {name!r} stands at two columns; take it from one"
        seen |= names


def _names(layout: Layout, contract: DatasetContract) -> Iterator[Fault]:
    if not layout.columns and not layout.measures and not layout.tags:
        yield ("columns",), "a layout needs at least one column"
    parts: list[tuple[Place, LayoutColumn | Above]] = [
        *((("columns", n), column) for n, column in enumerate(layout.columns)),
        *((("above", n), above) for n, above in enumerate(layout.above)),
    ]
    seen: set[str] = set()
    for place, part in parts:
        if part.name in seen | set(layout.constants):
            yield (*place, "name"), f"{part.name} is filled twice; keep one"
        seen.add(part.name)
        yield from _column(place, part.name, part.kind, contract)
    for name, constant in layout.constants.items():
        yield from _column(("constants", name), name, _kind_of(constant), contract)
    if layout.measures and contract.name not in VALUE_DATASETS:
        yield ("measures",), f"rows of {contract.name} are not values: describe `columns` instead"


def _kind_of(constant: Scalar) -> Kind:
    kinds: dict[type, Kind] = {bool: "boolean", int: "integer", float: "number"}
    return kinds.get(type(constant), "text")


def _column(place: Place, name: str, kind: Kind, contract: DatasetContract) -> Iterator[Fault]:
    has_values = contract.name in VALUE_DATASETS
    if has_values and name in VALUE_NAMES:
        if (name == "value") != (kind == "value") and place[0] != "constants":
            yield (*place, "kind"), "the column `value`, and only it, is of the kind `value`"
        return
    types = {column.name: column.physical_type for column in contract.columns}
    own = GIVEN if has_values else IDS
    if name not in types or name in own:
        names = [column for column in types if column not in own]
        names += VALUE_NAMES if has_values else ()
        yield place, f"{contract.name} has no column {name!r} to fill; it has {', '.join(names)}"
    elif kind not in TYPES[types[name]]:
        yield (*place, "kind"), f"{name} is {types[name]}, so its kind is {TYPES[types[name]][0]}"


def _lacking(layout: Layout, contract: DatasetContract) -> Iterator[Fault]:
    parts: tuple[LayoutColumn | Above, ...] = (*layout.columns, *layout.above)
    filled = {part.name for part in parts} | set(layout.constants) | tag_groups(layout)
    if contract.name in VALUE_DATASETS:
        yield from _lacking_value(layout, filled)
        filled |= GIVEN | {"kind", *VALUE_NAMES}
    else:
        filled |= IDS
    for column in contract.columns:
        if column.required and column.name not in filled:
            yield ("columns",), NEEDED.format(dataset=contract.name, column=column.name)


def _lacking_value(layout: Layout, filled: set[str]) -> Iterator[Fault]:
    if not layout.measures and not layout.tags and "value" not in filled:
        yield ("columns",), "no column holds values: give `measures`, or a column named `value`"
    if "value" in filled and "quantity" not in filled:
        yield ("columns",), "what is the value of? give `quantity` as a column or a constant"
