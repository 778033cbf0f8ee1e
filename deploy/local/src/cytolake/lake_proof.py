"""What the transformer found when it last compared the lake with a build of all of it (0033)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cytolake.as_of import reading
from cytolake.blueprint import Blueprint

LAST = "SELECT proved_at, changed FROM lake.raw.proof ORDER BY proved_at DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class LastProof:
    """When it was, and the tables that had other rows and were made anew."""

    proved_at: datetime
    changed: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say it to a person."""
        found = f"made anew: {', '.join(self.changed)}" if self.changed else "nothing differed"
        return f"compared with a build from scratch at {self.proved_at:%Y-%m-%d %H:%M} UTC: {found}"


def last_proof(blueprint: Blueprint) -> LastProof | None:
    """Return the newest comparison, None before the first; raise StackError."""
    with reading(blueprint) as lake:
        found = lake.execute(LAST).fetchone()
    return LastProof(found[0].astimezone(UTC), tuple(found[1])) if found else None
