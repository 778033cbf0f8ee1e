"""A file that cannot become rows, as a value: why, in a code and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cytolake_contracts import ReasonCode, Recognition

FOR_PEOPLE = frozenset(
    {
        ReasonCode.WRONG_VENDOR,
        ReasonCode.AMBIGUOUS_VENDOR,
        ReasonCode.LAYOUT_CHANGED,
        ReasonCode.DAMAGED_FILE,
    }
)
"""What the file is cannot be said for sure: it waits in quarantine, and is never guessed."""

Stage = Literal["read", "guard", "recognise", "parse", "flatten"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """`message` is read by the scientist who dropped the file: what is wrong, and what to do."""

    code: ReasonCode
    message: str
    stage: Stage
    recognition: Recognition | None = None

    @property
    def is_for_people(self) -> bool:
        """Whether people are to say what the file is, which they may do without the file again."""
        return self.code in FOR_PEOPLE


def size_in_words(size_bytes: int) -> str:
    """Return a size as people write it, e.g. `12.4 MB`."""
    if size_bytes < 1_000:  # noqa: PLR2004 - decimal units, as file managers show them
        return f"{size_bytes} bytes"
    if size_bytes < 1_000_000:  # noqa: PLR2004
        return f"{size_bytes / 1_000:.1f} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def object_missing(name: str) -> Rejection:
    """Return the rejection of a file that the store no longer has."""
    return Rejection(
        ReasonCode.OBJECT_MISSING,
        f"The file {name!r} is no longer in the store, so it cannot be read. Drop it once more.",
        "read",
    )


def content_changed(name: str) -> Rejection:
    """Return the rejection of a file whose bytes are not those that intake registered."""
    return Rejection(
        ReasonCode.CONTENT_CHANGED,
        f"The content of {name!r} is not the one that was registered (its checksum "
        "differs). It is not used. Drop the file once more, and tell your administrator.",
        "read",
    )
