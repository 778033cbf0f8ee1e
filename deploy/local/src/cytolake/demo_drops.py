"""What the demo drops, and by which way: most by S3, some by HTTP, two of them wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cytolake.synthetic import (
    SyntheticFile,
    batch_files,
    grow,
    implausible_count_file,
    unreadable_count_file,
)

Way = Literal["S3", "HTTP"]
BY_HTTP = frozenset({"syn-nucleoview", "syn-gen5"})
BROKEN_DAY, IMPLAUSIBLE_DAY = 4, 7


@dataclass(frozen=True, slots=True)
class Drop:
    """One file and the way it goes. `fault` says what was done to it, if anything."""

    file: SyntheticFile
    way: Way
    fault: str | None = None

    @property
    def key(self) -> str:
        """The key under which an instrument puts it by S3."""
        return f"{self.file.source.name}/{self.file.name}"


def drops(*, seed: int, number: int) -> list[Drop]:
    """Return the files of batch `number`, the two wrong ones among them."""
    batch = grow(seed, number=number)
    whole = [Drop(file, _way(file)) for file in batch_files(batch, seed=seed)]
    broken = Drop(
        unreadable_count_file(batch.points[BROKEN_DAY]), "HTTP", "lost its viability column"
    )
    implausible = Drop(
        implausible_count_file(batch.points[IMPLAUSIBLE_DAY]), "S3", "viability times ten"
    )
    middle = len(whole) // 2
    return [*whole[:middle], broken, implausible, *whole[middle:]]


def _way(file: SyntheticFile) -> Way:
    return "HTTP" if file.source.name in BY_HTTP else "S3"
