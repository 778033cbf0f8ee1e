from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cytolake.as_of import Snapshot, chosen, moment
from cytolake.errors import StackError

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
STATES = [Snapshot(4, NOON), Snapshot(9, NOON + timedelta(minutes=1))]


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


@pytest.mark.parametrize("when", [3, NOON - timedelta(seconds=1)])
def test_before_the_first_build_there_is_nothing_to_read(when: datetime | int) -> None:
    with pytest.raises(StackError, match="no state as old as"):
        chosen(STATES, when)
