"""Where a large file's Parquet grows: a folder a file, gone with its work, also after a kill."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

LOCK = "lock"


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """Each place in it is locked by the process that works there; the kernel frees the locks."""

    folder: Path

    def clean(self) -> int:
        """Delete what processes that are gone have left; return how many places."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return sum(_deleted(place) for place in self.folder.iterdir() if place.is_dir())

    @contextmanager
    def place(self, run: UUID) -> Iterator[Path]:
        """Give an empty folder of one's own; it is deleted at the end, whatever happens."""
        place = self.folder / f"{run}-{uuid4().hex[:8]}"
        place.mkdir(parents=True, mode=0o700)
        try:
            with (place / LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _deleted(place: Path) -> bool:
    with suppress(OSError), (place / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        shutil.rmtree(place, ignore_errors=True)
    return not place.exists()
