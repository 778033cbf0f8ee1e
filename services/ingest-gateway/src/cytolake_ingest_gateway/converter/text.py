"""Text in whatever encoding an instrument's computer wrote it, as str or UTF-8."""

from __future__ import annotations

import chardet

UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
PROBE_BYTES = 65_536
MIN_NUL_SHARE = 0.7
"""UTF-16 of mostly Latin text has a NUL in nearly every second byte."""


def utf16_encoding(body: bytes) -> str | None:
    """Return the UTF-16 flavour of a text, by its mark or its NUL bytes; None if it is none."""
    if body[:2] in UTF16_BOMS:
        return UTF16_BOMS[body[:2]]
    probe = body[:PROBE_BYTES]
    pairs = len(probe) // 2
    if not pairs:
        return None
    for nuls, others, encoding in (
        (probe[1::2], probe[0::2], "utf-16-le"),
        (probe[0::2], probe[1::2], "utf-16-be"),
    ):
        if nuls.count(0) / pairs > MIN_NUL_SHARE and others.count(0) == 0:
            return encoding
    return None


def as_utf8(body: bytes) -> bytes:
    """Return a UTF-16 text as UTF-8 without a byte order mark; anything else as it is."""
    encoding = utf16_encoding(body)
    if encoding is None:
        return body.removeprefix(UTF8_BOM)
    try:
        return body.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeError:  # an odd byte, or a half of a pair: not UTF-16 after all, or cut off
        return body


def decoded(body: bytes) -> str | None:
    """Return the text: UTF-8, UTF-16, or what chardet finds; None when nothing fits."""
    utf8 = as_utf8(body)
    for encoding in ("utf-8", *encoding_guesses(utf8[:PROBE_BYTES]), "cp1252"):
        try:
            text = utf8.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        # No table holds NULs: what decodes to them is a binary file.
        return None if "\0" in text else text
    return None


def lines_of(utf8: bytes) -> list[bytes]:
    """Return the lines of a text, their ends removed."""
    return utf8.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def encoding_guesses(probe: bytes) -> tuple[str, ...]:
    """Return the encoding that a text's bytes look like; none where that is not clear."""
    found = chardet.detect(probe)
    sure = (found["confidence"] or 0) > 0.7  # noqa: PLR2004 - below, chardet invents alphabets
    return (found["encoding"],) if found["encoding"] and sure else ()
