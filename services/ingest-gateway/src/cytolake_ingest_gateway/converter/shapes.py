"""The shape of a file: the names in its headers, without any value, and their fingerprint.

Two files of one kind have one shape whatever their numbers are; another column is another shape.
Pure, and bounded: only the head of a file is looked at.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cytolake_ingest_gateway.converter.books import BookLimits, first_rows
from cytolake_ingest_gateway.converter.shape_lines import MOST_NAMES, names_in
from cytolake_ingest_gateway.converter.text import as_utf8

HEAD_BYTES = 65_536
JSON_BYTES = 2_000_000
MAX_LINES = 400
DELIMITERS = (",", ";", "\t", "|")
_ELEMENT = re.compile(rb"<([A-Za-z_][\w.:-]{0,79})[\s/>]")
_PARAMETER = re.compile(rb"\$P\d{1,4}N", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Shape:
    """`fingerprint` is a SHA-256 in hex; `columns` are the (first) names that it is made of."""

    fingerprint: str
    columns: tuple[str, ...]


def shape_of(body: bytes) -> Shape | None:
    """Return the shape of a text, workbook, archive, XML, JSON or FCS; None where none is seen."""
    if body.startswith(b"PK\x03\x04"):
        return _of_archive(body)
    if body.startswith(b"FCS"):
        return _of_flow(body)
    head = as_utf8(body[: 2 * HEAD_BYTES])
    start = head.lstrip()[:1]
    if start == b"<":
        return _made("xml", sorted({name.decode() for name in _ELEMENT.findall(head)}))
    if start in {b"{", b"["} and len(body) <= JSON_BYTES and (found := _of_json(body)):
        return found
    text = _decoded(head[:HEAD_BYTES])
    if "\0" in text:
        return None
    delimiter = max(DELIMITERS, key=text.count)
    return _made(f"text {delimiter}", names_in(_lines(text, delimiter)))


def _of_archive(body: bytes) -> Shape | None:
    sheets = tuple(first_rows(body, BookLimits()))
    if sheets:
        names = [name for sheet in sheets for name in _of_sheet(sheet.name, sheet.rows)]
        return _made("workbook", names[: 2 * MOST_NAMES])
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError):
        return None
    return _made("archive", sorted({_DIGITS.sub("#", name) for name in members})[:MOST_NAMES])


def _of_flow(body: bytes) -> Shape | None:
    """The short names of an FCS file's parameters: its panel (FCS 3.1, 3.2 TEXT segment)."""
    try:
        text = body[int(body[10:18]) : min(int(body[18:26]) + 1, 2 * HEAD_BYTES)]
    except ValueError:
        return None
    words = text[1:].split(text[:1]) if text else []
    told = dict(zip(words[::2], words[1::2], strict=False))
    names = {int(key[2:-1]): told[key] for key in told if _PARAMETER.fullmatch(key)}
    return _made("fcs", [names[number].decode("utf-8", "replace") for number in sorted(names)])


def _of_sheet(name: str, rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Sheets of plates and dates are numbered: the number is no part of the shape."""
    plain = _DIGITS.sub("#", name)
    yield f"{plain}/"
    for found in names_in([cell.text for cell in row] for row in rows):
        yield f"{plain}/{found}"


def _of_json(body: bytes) -> Shape | None:
    try:
        return _made("json", sorted(set(_keys(json.loads(as_utf8(body)), ""))))
    except (ValueError, RecursionError):
        return None


def _keys(node: object, path: str, depth: int = 0) -> Iterator[str]:
    """The names of the first two levels; of a list, those of its first entry."""
    if isinstance(node, list):
        yield from _keys(node[0] if node else None, path, depth)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield f"{path}{key}"
            if depth == 0:
                yield from _keys(value, f"{path}{key}/", depth + 1)


def _lines(text: str, delimiter: str) -> Iterator[Sequence[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, line in enumerate(reader):
            if number >= MAX_LINES:
                return
            yield line
    except csv.Error:  # a quotation mark that is not closed: what came before it counts
        return


def _decoded(head: bytes) -> str:
    try:
        return head.decode()
    except UnicodeDecodeError as error:
        is_cut = error.start > len(head) - 4
        return head[: error.start].decode() if is_cut else head.decode("cp1252", "replace")


def _made(kind: str, columns: Sequence[str]) -> Shape | None:
    if not columns:
        return None
    told = json.dumps([kind, *columns], ensure_ascii=False).encode("utf-8", "replace")
    return Shape(hashlib.sha256(told).hexdigest(), tuple(columns[:MOST_NAMES]))
