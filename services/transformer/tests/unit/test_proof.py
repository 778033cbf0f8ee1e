from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cytolake_transformer.proof import Change, announcement, made_with, seconds_until

HOUR = 3600.0


@pytest.mark.parametrize(
    ("now", "hours"),
    [((1, 30), 0.5), ((2, 0), 24.0), ((2, 30), 23.5), ((23, 0), 3.0), ((0, 0), 2.0)],
)
def test_the_night_comes_once_a_day(now: tuple[int, int], hours: float) -> None:
    assert seconds_until(2, datetime(2026, 11, 27, *now, tzinfo=UTC)) == hours * HOUR


def test_a_change_is_told_as_one_event_however_often_and_whenever() -> None:
    change = Change(7, ("dim_sample", "mart_result"))
    first, again = (
        announcement(change, snapshot, {"mart_result": "object_id"}, site="north")
        for snapshot in (40, 41)
    )
    assert first.id == again.id
    assert first.data.marts.keys() == {"mart_result"}
    assert first.id != announcement(Change(8, ("mart_result",)), 40, {}, site="north").id


def test_what_the_rows_depend_on_is_the_models_and_the_salt() -> None:
    assert len({made_with("a", "s"), made_with("b", "s"), made_with("a", "t")}) == 3
    assert made_with("a", "s") == made_with("a", "s")
