"""From the name in an upload's URL to the key in the bucket.

The name is the last segment of the path, percent-decoded exactly once as UTF-8, and kept
verbatim: spaces, `+`, `é` stay what they are, and `%252F` is a name with a literal `%2F`.
Refused, with words, is only what would be no name: a slash (`%2F`), `.`, `..`, control
characters, more than 255 bytes. Keys are dated by UTC: `<source>/yyyy/mm/dd/<name>`.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from urllib.parse import unquote_to_bytes

from cytolake_contracts.identity import LIMS

LONGEST_NAME_BYTES = 255
_FILES = b"/v1/files/"


class NameRefusedError(ValueError):
    """The name cannot be part of a key; `code` says which rule it breaks."""

    def __init__(self, code: str, words: str) -> None:
        """Keep the code beside the sentence."""
        super().__init__(words)
        self.code = code


def name_in(raw_path: bytes) -> str:
    """Return the file's name of an upload's undecoded path; raise NameRefusedError."""
    _, _, rest = raw_path.rpartition(_FILES)
    source, _, raw_name = rest.partition(b"/")
    if source + b"/" == LIMS.encode() and b"/" in raw_name:
        _lims, _, raw_name = raw_name.partition(b"/")
    if b"/" in raw_name:
        raise _has_slash()
    try:
        return _checked(unquote_to_bytes(raw_name).decode())
    except UnicodeDecodeError as error:
        words = "The file's name is not UTF-8 after percent-decoding."
        raise NameRefusedError("NAME_NOT_UTF8", words) from error


def dated_key(source: str, name: str, at: datetime) -> str:
    """Return the key for a file that arrives at this time (UTC)."""
    return f"{source}/{at:%Y/%m/%d}/{name}"


def _checked(name: str) -> str:
    if "/" in name:
        raise _has_slash()
    if name in {"", ".", ".."}:
        raise NameRefusedError("NAME_IS_A_PATH", f"{name!r} names a folder, not a file.")
    if any(unicodedata.category(character) == "Cc" for character in name):
        words = "The file's name has control characters (a line break, a tab, a NUL) in it."
        raise NameRefusedError("NAME_HAS_CONTROL_CHARACTERS", words)
    if len(name.encode()) > LONGEST_NAME_BYTES:
        words = f"The file's name is longer than {LONGEST_NAME_BYTES} bytes."
        raise NameRefusedError("NAME_TOO_LONG", words)
    return name


def _has_slash() -> NameRefusedError:
    words = "The file's name has a slash in it: send the name alone, without its folders."
    return NameRefusedError("NAME_HAS_SLASH", words)
