"""A file's chunks on their way: hashed as they are, handed on as UTF-8."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.headers import LayoutMismatchError
from cytolake_ingest_gateway.converter.text import UTF8_BOM, encoding_guesses, utf16_encoding

HEAD_BYTES = 524_288
"""What a file's plan is made from; a header and some rows must stand in it."""


@dataclass(slots=True)
class Feed:
    """Takes chunks in; gives the head once it is whole, and from then on every byte in UTF-8."""

    begin: Callable[[str], None]
    """Called once, with the head's whole lines."""
    write: Callable[[bytes], None]
    encoding: str | None = None
    title: str = "table"
    done_bytes: int = 0
    last_byte: bytes = b""
    _head: bytes = b""
    _begun: bool = False
    _decoder: codecs.IncrementalDecoder | None = None
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """SHA-256 in hex of what has come so far, as it came."""
        return self._digest.hexdigest()

    def take(self, chunk: bytes) -> None:
        """Take the next chunk; raise LayoutMismatchError where it is no text."""
        self._digest.update(chunk)
        self.done_bytes += len(chunk)
        if self._begun:
            self._hand_on(chunk)
            return
        self._head += chunk
        if len(self._head) >= HEAD_BYTES:
            self._start(is_all=False)

    def end(self) -> None:
        """Say that this was all."""
        if not self._begun:
            self._start(is_all=True)
        self._hand_on(b"", final=True)

    def _start(self, *, is_all: bool) -> None:
        whole_head, self._head, self._begun = self._head, b"", True
        head = whole_head[:HEAD_BYTES]  # never more, however the chunks fall
        is_all = is_all and len(head) == len(whole_head)
        encoding = self.encoding or _encoding(head)
        if encoding is None or (b"\0" in head and not encoding.startswith("utf-16")):
            raise self._no_text()
        if encoding not in {"utf-8", "ascii"}:
            self._decoder = codecs.getincrementaldecoder(encoding)()
        text = _decoded(head, encoding)
        whole = text if is_all else text[: text.rfind("\n") + 1]
        self.begin(whole.removeprefix("\ufeff"))
        self._hand_on(whole_head)

    def _hand_on(self, chunk: bytes, *, final: bool = False) -> None:
        if self._decoder is not None:
            try:
                chunk = self._decoder.decode(chunk, final).encode()
            except UnicodeError:
                raise self._no_text() from None
        if chunk:
            self.last_byte = chunk[-1:]
            self.write(chunk)

    def _no_text(self) -> LayoutMismatchError:
        how = f" in {self.encoding}" if self.encoding else ""
        return LayoutMismatchError(
            ReasonCode.UNREADABLE_TEXT,
            f"This file is not a text table{how}, so it cannot be a {self.title}. "
            "Save it as CSV (UTF-8) and drop it once more.",
        )


def _encoding(head: bytes) -> str | None:
    if found := utf16_encoding(head):
        return found
    for encoding in ("utf-8", *encoding_guesses(head), "cp1252"):
        try:
            _decoded(head.removeprefix(UTF8_BOM), encoding)
        except (UnicodeError, LookupError):
            continue
        return encoding
    return None


def _decoded(head: bytes, encoding: str) -> str:
    """Decode; a character that the head cuts in two is left out."""
    return codecs.getincrementaldecoder(encoding)().decode(head)
