from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cytolake.as_of import Snapshot, chosen, moment
from cytolake.errors import StackError

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
NEXT = NOON + timedelta(minutes=1)
STATES = [
    Snapshot(4, NOON),
    *(Snapshot(number, NEXT, is_state=False) for number in range(5, 9)),
    Snapshot(9, NEXT),
]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("17", 17),
        ("2026-11-27T12:00:00Z", NOON),
        ("2026-11-27T12:00:00", NOON),
        ("2026-11-27T13:00:00+01:00", NOON),
        ("2026-11-27", datetime(2026, 11, 27, tzinfo=UTC)),
        ("20261127", datetime(2026, 11, 27, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_snapshot_or_a_time(text: str, when: datetime | int) -> None:
    assert moment(text) == when


def test_any_other_moment_is_told_in_words() -> None:
    with pytest.raises(StackError, match="neither a snapshot's number nor a time"):
        moment("last Tuesday")


@pytest.mark.parametrize(
    ("when", "number"),
    [(NOON, 4), (NOON + timedelta(seconds=59), 4), (NOON + timedelta(hours=1), 9), (8, 4), (9, 9)],
)
def test_the_newest_state_by_then_is_chosen(when: datetime | int, number: int) -> None:
    assert chosen(STATES, when).number == number


def gapped() -> list[Snapshot]:
    """A state of long ago that was pinned, what is left of a month, and today's maintenance."""
    later = [Snapshot(40, at(30), is_state=False), Snapshot(41, at(30)), Snapshot(42, at(31))]
    return [Snapshot(4, NOON), *later, Snapshot(43, at(32), is_state=False)]


def at(days: int) -> datetime:
    return NOON + timedelta(days=days)


@pytest.mark.parametrize(("when", "number"), [(4, 4), (41, 41), (at(31), 42), (at(40), 42)])
def test_what_is_kept_is_told(when: datetime | int, number: int) -> None:
    assert chosen(gapped(), when).number == number


@pytest.mark.parametrize("when", [NOON, at(10), 5, 40])
def test_a_state_that_expired_is_not_taken_for_an_older_one(when: datetime | int) -> None:
    with pytest.raises(StackError, match="expired; 2026-11-27T12:00:00Z and 2026-12-27"):
        chosen(gapped(), when)


@pytest.mark.parametrize("when", [3, NOON - timedelta(seconds=1)])
def test_before_the_first_build_there_is_nothing_to_read(when: datetime | int) -> None:
    with pytest.raises(StackError, match="no state as old as"):
        chosen(STATES, when)
