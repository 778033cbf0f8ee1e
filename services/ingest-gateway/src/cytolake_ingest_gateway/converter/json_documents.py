"""JSON from outside as objects: one value, a list of them, or one a line. Bounded, and strict.

Numbers stay the digits that they were written with: 96.90 is not 96.9, and a long number that
names a sample keeps its end. A key that stands twice is refused, for either could be meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.headers import shown
from cytolake_ingest_gateway.converter.records import RecordsError
from cytolake_ingest_gateway.converter.text import as_utf8

MAX_VALUES = 1_000_000
MAX_BEGINNING = 60
_BLANK = re.compile(r"[ \t\r\n]*")


class _TwiceError(ValueError):
    """A key stands twice in one object."""


def documents(body: bytes) -> list[dict[str, Any]]:
    """Return the objects of a file, those of a list one by one; raise RecordsError."""
    text = _text(body)
    if text.count("{") + text.count("[") + text.count(",") > MAX_VALUES:
        raise RecordsError(
            ReasonCode.FILE_TOO_LARGE,
            f"This JSON holds more than {MAX_VALUES:,} values. Split it into smaller files.",
        )
    found: list[Any] = []
    try:
        for value in _values(text):
            found += value if isinstance(value, list) else [value]
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from error
    except _TwiceError as error:
        words = f"The key {shown(str(error))} stands twice in one object. Have it sent once."
        raise RecordsError(ReasonCode.BAD_CELL, words) from error
    except RecursionError as error:
        words = "This JSON is nested deeper than anything that can be read."
        raise RecordsError(ReasonCode.BAD_CELL, words) from error
    for number, one in enumerate(found, start=1):
        if not isinstance(one, dict):
            words = f"Record {number} of this file is no object but {shown(json.dumps(one))}."
            raise RecordsError(ReasonCode.BAD_CELL, words)
    if not found:
        raise RecordsError(ReasonCode.NO_ROWS, "This file holds no records: its list is empty.")
    return found


def _text(body: bytes) -> str:
    try:
        return as_utf8(body).decode("utf-8")
    except UnicodeDecodeError as error:
        words = f"This file is not JSON: byte {error.start + 1} is no UTF-8. Have it sent as UTF-8."
        raise RecordsError(ReasonCode.UNREADABLE_TEXT, words) from error


def _values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(
        object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str
    )
    at = _end_of_blank(text, 0)
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        yield value
        at = _end_of_blank(text, at)


def _end_of_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _not_json(text: str, error: json.JSONDecodeError) -> RecordsError:
    begins = text.lstrip()
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        words = (
            "This file is cut off: it ends in the middle of its JSON. Have it sent once more, "
            "as a whole."
        )
        return RecordsError(ReasonCode.TRUNCATED_FILE, words)
    told = f"This file is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
    if begins.startswith("<"):
        told = "This file is not JSON but a web page: the LIMS may have sent its login page."
    return RecordsError(
        ReasonCode.UNREADABLE_TEXT, f"{told} It begins with {shown(begins[:MAX_BEGINNING])}."
    )
