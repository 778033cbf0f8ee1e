"""The first rows of a workbook, read from its bytes and never more of them than asked for.

Not a spreadsheet reader: numbers stay as they are written, dates are their serial numbers. It
serves to see a workbook's shape, and which of its cells were read, at the price of milliseconds;
`archives` has looked at the bytes before.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from xml.parsers import expat

_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, RuntimeError,
           NotImplementedError)  # fmt: skip
Attributes = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLimits:
    """How much of a workbook is looked at."""

    max_sheets: int = 12
    max_rows: int = 30
    sheet_bytes: int = 131_072
    strings_bytes: int = 262_144


@dataclass(frozen=True, slots=True)
class BookCell:
    """A cell with content: its reference, e.g. `B7`, and its text."""

    reference: str
    text: str


Row = tuple[BookCell, ...]


@dataclass(frozen=True, slots=True)
class BookSheet:
    """The first rows of a sheet that have content."""

    name: str
    rows: tuple[Row, ...]


class _EnoughError(Exception):
    pass


def first_rows(body: bytes, limits: BookLimits) -> Iterator[BookSheet]:
    """Yield the sheets in order, each read when asked for; none of what is no such workbook."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            yield from _sheets(archive, limits)
    except _FAULTS:
        return


def _sheets(archive: zipfile.ZipFile, limits: BookLimits) -> Iterator[BookSheet]:
    listed, places = _Listed(), _Listed()
    _read(archive, "xl/workbook.xml", limits.sheet_bytes, listed)
    _read(archive, "xl/_rels/workbook.xml.rels", limits.sheet_bytes, places)
    targets = {one["Id"]: one["Target"] for one in places.found.get("Relationship", ())}
    strings = _Strings()
    if "xl/sharedStrings.xml" in archive.namelist():
        _read(archive, "xl/sharedStrings.xml", limits.strings_bytes, strings)
    for sheet in listed.found.get("sheet", ())[: limits.max_sheets]:
        place = next((value for name, value in sheet.items() if name.endswith(":id")), "")
        target = targets.get(place, "")
        cells = _Cells(strings.texts, limits.max_rows)
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        _read(archive, path, limits.sheet_bytes, cells)
        yield BookSheet(sheet.get("name", ""), tuple(cells.rows))


@dataclass(slots=True)
class _Listed:
    """The attributes of every element, by its name without a prefix."""

    found: dict[str, list[Attributes]] = field(default_factory=dict)

    def start(self, name: str, attributes: Attributes) -> None:
        self.found.setdefault(name.rpartition(":")[2], []).append(attributes)

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


@dataclass(slots=True)
class _Strings:
    """The workbook's shared texts, in order; how a text is to be pronounced is left out."""

    texts: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    inside: str = ""

    def start(self, name: str, attributes: Attributes) -> None:
        del attributes
        self.inside = name.rpartition(":")[2]

    def end(self, name: str) -> None:
        self.inside = ""
        if name.rpartition(":")[2] == "si":
            self.texts.append("".join(self.parts))
            self.parts.clear()

    def data(self, text: str) -> None:
        if self.inside == "t":
            self.parts.append(text)


@dataclass(slots=True)
class _Cells:
    """The first rows with content of one sheet."""

    strings: list[str]
    max_rows: int
    rows: list[Row] = field(default_factory=list)
    row: list[BookCell] = field(default_factory=list)
    cell: Attributes = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    inside: str = ""

    def start(self, name: str, attributes: Attributes) -> None:
        self.inside = name.rpartition(":")[2]
        if self.inside == "c":
            self.cell = attributes
            self.parts.clear()

    def end(self, name: str) -> None:
        self.inside = ""
        plain = name.rpartition(":")[2]
        if plain == "c" and self.parts:
            text = " ".join(self._text().split())
            if text:
                self.row.append(BookCell(self.cell.get("r", ""), text))
        elif plain == "row" and self.row:
            self.rows.append(tuple(self.row))
            self.row.clear()
            if len(self.rows) >= self.max_rows:
                raise _EnoughError

    def data(self, text: str) -> None:
        if self.inside in {"v", "t"}:
            self.parts.append(text)

    def _text(self) -> str:
        text = "".join(self.parts)
        if self.cell.get("t") != "s":
            return text
        return self.strings[int(text)] if int(text) < len(self.strings) else ""


def _read(
    archive: zipfile.ZipFile, name: str, most: int, into: _Listed | _Strings | _Cells
) -> None:
    """Feed the head of a part to its reader; a head ends in the middle, which is no fault."""
    with archive.open(name) as member:
        head = member.read(most)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = into.start
    parser.EndElementHandler = into.end
    parser.CharacterDataHandler = into.data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(head, False)  # noqa: FBT003 - the C function takes no keyword
    except (_EnoughError, expat.ExpatError):
        return


def _refuse(*_: object) -> None:
    """A workbook defines no entities of its own: what does is not looked at further."""
    raise _EnoughError
