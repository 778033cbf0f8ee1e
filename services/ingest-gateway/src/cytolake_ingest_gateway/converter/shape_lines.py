"""The names in a table's lines of cells: headers and keys, without the values beside them.

What is a name and what a value cannot be known of a file of nobody's format; the rules below
hold for what instruments write. Where one errs, a file is told to have drifted that has not:
a warning, and never another number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

LONGEST_NAME = 80
MOST_NAMES = 150
MIN_HEADER_CELLS = 3
_VALUE = re.compile(
    r"^[<>~]?\s*[+-]?\d[\d\s.,:/\\+-]*(?:[eE][+-]?\d+)?\s*(?:%|[AaPp]\.?[Mm]\.?)?$"
    r"|^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b.*$|^(?i:true|false|yes|no|nan|n/a|na|-+)$"
)
_KEY = re.compile(r"^(?P<key>[^\d\W][^\d:=]*|[*#\[\"][^\d:=]*?)\s*(?:[:=]|$)")
_SECTION = re.compile(r"^\[[^\]\d]+\]$")


def names_in(lines: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return each distinct name in the order of the file; a table without a header has a width."""
    found: dict[str, None] = {}
    for name in _names(lines):
        found.setdefault(name)
        if len(found) >= MOST_NAMES:
            break
    return tuple(found)


def _names(lines: Iterable[Sequence[str]]) -> Iterator[str]:
    told = [
        (line, [text[:LONGEST_NAME] for cell in line if (text := " ".join(cell.split()))])
        for line in lines
    ]
    is_in_table = False
    for (line, cells), below in zip_longest(told, told[1:]):
        if not _is_wide(cells):
            is_in_table = False
        elif is_in_table:
            continue
        # One wide line alone is a key with several values; the last line may be a bare header.
        elif below is None or _is_wide(below[1]):
            is_in_table = True
            yield from _header(cells)
            continue
        key = _key(line, cells)
        if key:
            yield key


def _is_wide(cells: Sequence[str]) -> bool:
    return len(cells) >= MIN_HEADER_CELLS and not cells[0].endswith(":")


def _header(cells: Sequence[str]) -> Iterator[str]:
    """The first line of a block of cells; names of numbers (wavelengths, wells) are values."""
    if any(_VALUE.match(cell) for cell in cells[:MIN_HEADER_CELLS]):
        yield f"({len(cells)} columns without names)"
        return
    yield from (cell for cell in cells if not _VALUE.match(cell))


def _key(line: Sequence[str], cells: Sequence[str]) -> str | None:
    """The name before a value: `Operator;Anna`, `Date: 3/4`, `* Block = 384`, or `[Section]`."""
    if not cells or not line[0].strip():
        return None
    if _SECTION.match(cells[0]):
        return cells[0]
    match = _KEY.match(cells[0])
    # A line of one text without `:` or `=` is a title or a remark: free words.
    is_title = len(cells) == 1 and match is not None and match[0].rstrip()[-1:] not in {":", "="}
    return None if match is None or is_title else match["key"].strip()
