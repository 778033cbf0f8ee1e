"""What a layout of large files may not say: they are streamed line by line, never held whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cytolake_contracts.layout_model import Layout

Fault = tuple[tuple[str | int, ...], str]

DATASET = "process_reading"
GROUPS = {"tag", "unit_operation", "unit"}
WHOLE = "a large file is not held in memory; without `large`, files up to {size:,} bytes are read"


def tag_groups(layout: Layout) -> set[str]:
    """Return the columns of the dataset that a tag's header fills."""
    pattern = _pattern(layout)
    return set(pattern.groupindex) & {"unit_operation"} if pattern else set()


def large_faults(layout: Layout) -> Iterator[Fault]:
    """Yield what keeps a layout of large files, or of tags, from being read."""
    yield from _tag_faults(layout)
    if not layout.large:
        return
    whole = WHOLE.format(size=layout.max_bytes)
    if layout.dataset != DATASET:
        yield ("dataset",), f"only {DATASET} can be large: {whole}"
    if layout.file.kind != "csv":
        yield ("large",), "only csv can be large: an xlsx is read as a whole"
    if layout.header.end is not None:
        yield ("header", "end"), f"the table must go to the file's end: {whole}"
    if len(layout.header.comment or "") > 1:
        yield ("header", "comment"), "one character marks a comment in a large file"
    for number, column in enumerate(layout.columns):
        if column.clock:
            yield ("columns", number, "clock"), "date and clock must stand in one column"
        if len(column.formats) > 1:
            yield ("columns", number, "formats"), "a large file has one time format"


def _tag_faults(layout: Layout) -> Iterator[Fault]:
    if layout.tags is None:
        return
    place = ("tags", "header")
    if not layout.large:
        yield ("tags",), "columns of tags are read of `large` files only: add `large: true`"
    pattern = _pattern(layout)
    if pattern is None:
        yield place, "this is no regular expression"
    elif "tag" not in pattern.groupindex or set(pattern.groupindex) - GROUPS:
        yield place, f"name the group `tag`, and no others than {', '.join(sorted(GROUPS))}"


def _pattern(layout: Layout) -> re.Pattern[str] | None:
    try:
        return re.compile(layout.tags.header) if layout.tags else None
    except re.error:
        return None
