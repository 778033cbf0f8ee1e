from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cytolake_transformer.keeping import Snapshot, expirable

START = datetime(2026, 11, 1, tzinfo=UTC)


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def snapshots(*ends: int, count: int = 9) -> list[Snapshot]:
    """One a day; a build ended with those that are named."""
    return [Snapshot(number, at(number), number in ends) for number in range(count)]


def test_what_is_old_may_go_and_what_is_pinned_stays() -> None:
    assert expirable(snapshots(2, 5, 8), {2}, before=at(6)) == [0, 1, 3, 4, 5]


def test_the_state_that_the_marts_show_stays_however_old_it_is() -> None:
    """And so does what maintenance itself left after it: as-of takes it for the same state."""
    assert expirable(snapshots(2, 5), (), before=at(100)) == [0, 1, 2, 3, 4]


def test_nothing_goes_where_no_build_ever_ended() -> None:
    assert expirable(snapshots(), (), before=at(100)) == []
