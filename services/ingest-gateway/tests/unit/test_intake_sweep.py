"""When a run is announced again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cytolake_ingest_gateway.intake.sweep import (
    LONGEST_PATIENCE,
    OpenRun,
    Patience,
    Scene,
    Why,
    allowed,
    why_again,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATIENCE = Patience()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def run(*, opened: float, announced: float | None, since: float, announcement: int = 1) -> OpenRun:
    return OpenRun(
        run_id=uuid4(),
        progress=2,
        opened_at=ago(opened),
        state_since=ago(since),
        announced_at=None if announced is None else ago(announced),
        announcement=announcement,
    )


def test_a_run_just_opened_is_left_to_whoever_opened_it() -> None:
    assert why_again(run(opened=1, announced=None, since=1), Scene(now=NOW), PATIENCE) is None


def test_a_run_that_was_never_announced_is() -> None:
    never = run(opened=3, announced=None, since=3, announcement=0)
    assert why_again(never, Scene(now=NOW), PATIENCE) is Why.UNANNOUNCED


def test_a_run_announced_on_a_stream_that_is_no_more_is_announced_at_once() -> None:
    scene = Scene(now=NOW, stream_created_at=ago(1), waiting={"converter": 1})
    assert why_again(run(opened=9, announced=5, since=5), scene, PATIENCE) is Why.STREAM_RECREATED


def test_a_run_announced_on_the_present_stream_is_left_alone() -> None:
    scene = Scene(now=NOW, stream_created_at=ago(100))
    assert why_again(run(opened=9, announced=5, since=5), scene, PATIENCE) is None


@pytest.mark.parametrize(
    ("waiting", "why"),
    [
        ({}, Why.IDLE),
        ({"converter": 0, "tracker": 0}, Why.IDLE),
        ({"validator": 9}, Why.IDLE),
        ({"converter": 1}, None),
        ({"tracker": 1}, None),
    ],
)
def test_a_silent_run_is_lost_unless_a_queue_may_hold_it(
    waiting: dict[str, int], why: Why | None
) -> None:
    silent = run(opened=70, announced=61, since=61)
    assert why_again(silent, Scene(now=NOW, waiting=waiting), PATIENCE) is why


def test_an_outage_downstream_announces_nothing_again_however_long_it_lasts() -> None:
    waiting = run(opened=90_000, announced=90_000, since=90_000)
    assert why_again(waiting, Scene(now=NOW, waiting={"converter": 500}), PATIENCE) is None


@pytest.mark.parametrize(("progress", "why"), [(4, Why.IDLE), (2, None), (0, None)])
def test_a_silent_run_that_others_overtook_is_lost(progress: int, why: Why | None) -> None:
    overtaken = run(opened=70, announced=61, since=61)
    scene = Scene(now=NOW, waiting={"converter": 1}, youngest_at={progress: ago(65)})
    assert why_again(overtaken, scene, PATIENCE) is why


def test_each_announcement_doubles_the_silence_allowed() -> None:
    lengths = [
        allowed(run(opened=0, announced=0, since=0, announcement=n), PATIENCE).total_seconds()
        for n in (0, 1, 2, 3, 40)
    ]
    assert lengths == [60, 60, 120, 240, LONGEST_PATIENCE.total_seconds()]
