"""What a layout of records (JSON, Parquet) may say, and what only such a layout may say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cytolake_contracts.layout_model import HeaderPlace, Layout

Fault = tuple[tuple[str | int, ...], str]

ONLY_RECORDS = "only layouts of records have it: say `file: {kind: json}`, `parquet` or `records`"
NO_CELLS = "records have no header, no sheets and no lines above: leave it out"


def group_members(layouts: Mapping[str, Layout], name: str) -> tuple[Layout, ...]:
    """Return the layouts of records that a source registered with this name may have."""
    named = layouts.get(name)
    if named is not None:
        return (named,) if named.has_records else ()
    return tuple(one for one in layouts.values() if one.group == name)


def group_names(layouts: Mapping[str, Layout]) -> frozenset[str]:
    """Return the names of all groups."""
    return frozenset(one.group for one in layouts.values() if one.group is not None)


def record_faults(layout: Layout) -> Iterator[Fault]:
    """Yield what keeps a layout of records from being read, or is said of none."""
    if not layout.has_records:
        for name in ("group", "when", "records", "skip_without"):
            if getattr(layout, name):
                yield (name,), ONLY_RECORDS
        return
    yield from _cells(layout)
    for name in set(layout.skip_without) - {column.name for column in layout.columns}:
        yield ("skip_without",), f"no column is named {name}"
    if layout.records is not None and layout.file.kind == "parquet":
        yield ("records",), "only JSON is searched for its records; leave it out"
    if layout.group == layout.name:
        yield ("group",), "a group is not named as one of its layouts"
    if layout.group is not None and layout.when is None:
        yield ("group",), "say by `when` which records of the group's files are of this layout"
    if layout.when is not None:
        yield from _when(layout)


def _cells(layout: Layout) -> Iterator[Fault]:
    file = layout.file
    if layout.header != HeaderPlace():
        yield ("header",), NO_CELLS
    if layout.above:
        yield ("above",), NO_CELLS
    for name in ("sheet", "encoding", "delimiter"):
        if getattr(file, name) is not None:
            yield ("file", name), NO_CELLS
    for number, column in enumerate(layout.columns):
        if column.clock:
            yield ("columns", number, "clock"), "date and clock must stand in one field"


def _when(layout: Layout) -> Iterator[Fault]:
    when = layout.when
    assert when is not None  # noqa: S101 - the caller looked
    if (when.field is None) != (not when.is_):
        yield ("when",), "`field` and `is` belong together: which field, and its texts"
    if not when.is_ and not when.stream:
        yield ("when",), "say `field` and `is`, or `stream`"
