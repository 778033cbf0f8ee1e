"""What in a folder is to be sent, under which key, and when it is whole. Pure but for `listed`."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

IGNORED = ("~$*", ".*", "*.tmp", "*.temp", "*.part", "*.partial", "*.crdownload", "Thumbs.db",
           "desktop.ini")  # fmt: skip
"""What office programs, browsers and Windows leave beside files while they write them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as the folder shows it: its path below the folder, with `/`."""

    path: str
    size_bytes: int
    modified_ns: int


@dataclass(slots=True)
class Settling:
    """Knows since when each file has been as it is: a file is whole when it rests."""

    settle_seconds: float
    _since: dict[str, tuple[Seen, float]] = field(default_factory=dict)

    def settled(self, seen: Iterable[Seen], *, now: float) -> list[Seen]:
        """Return those that have not changed for `settle_seconds`; `now` only ever rises."""
        before, self._since = self._since, {}
        for one in seen:
            known = before.get(one.path)
            since = known[1] if known and known[0] == one else now
            self._since[one.path] = (one, since)
        return [one for one, since in self._since.values() if now - since >= self.settle_seconds]


def is_wanted(path: PurePath, patterns: tuple[str, ...], ignored: tuple[str, ...]) -> bool:
    """Tell whether a file below the folder is one to be sent; capitals make no difference."""
    parts = [part.casefold() for part in path.parts]
    if any(fnmatchcase(part, one.casefold()) for part in parts for one in ignored):
        return False
    return not patterns or any(fnmatchcase(parts[-1], one.casefold()) for one in patterns)


def key_of(source: str, path: str) -> str:
    """Return the object's key: the same file has the same key on every system.

    Composed Unicode (NFC), as macOS writes names decomposed and Windows does not.
    """
    return f"{source}/{unicodedata.normalize('NFC', path)}"


def listed(
    root: Path, *, patterns: tuple[str, ...] = (), ignored: tuple[str, ...] = IGNORED
) -> Iterator[Seen]:
    """Yield every file below the folder that is to be sent; links are not followed."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            path = file.relative_to(root)
            if not is_wanted(path, patterns, ignored) or file.is_symlink():
                continue
            try:
                found = file.stat()
            except OSError:  # gone again, or locked by who writes it: the next look tells
                continue
            if found.st_size:  # a file that is still empty is not whole yet
                yield Seen(path.as_posix(), found.st_size, found.st_mtime_ns)
