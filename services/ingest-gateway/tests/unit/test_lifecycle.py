"""The one transition table: only forward, ends are ends, and order does not matter."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cytolake_ingest_gateway.lifecycle import (
    ENDS,
    OPEN,
    RECEIVED,
    SETTLED,
    STEPS,
    WAITING,
    Loaded,
    Standing,
    State,
    fold,
    surpassed,
)

LOADED = ["file.landed", "file.converted", "file.validated", "lake.built", "mart.loaded"]
STORIES = {
    State.LOADED: LOADED,
    State.REJECTED: ["file.landed", "file.rejected"],
    State.QUARANTINED: ["file.landed", "file.converted", "file.quarantined"],
    State.FAILED: ["file.landed", "file.converted", "dead.validator"],
}
"""What one run can lead to, told in order."""


def folded(*news: str) -> State:
    standing = RECEIVED
    for item in news:
        standing = fold(standing, item)
    return standing.state


def test_every_state_is_on_the_way_an_end_or_waits_for_people() -> None:
    assert frozenset(State) == OPEN | ENDS | WAITING
    assert len(State) == len(OPEN) + len(ENDS) + len(WAITING)


@pytest.mark.parametrize("end", STORIES)
def test_a_story_told_in_order_comes_to_its_end(end: State) -> None:
    assert folded(*STORIES[end]) is end


@given(story=st.sampled_from(list(STORIES.items())), data=st.data())
def test_a_story_told_in_any_order_and_twice_comes_to_the_same_end(
    story: tuple[State, list[str]], data: st.DataObject
) -> None:
    end, told = story
    assert folded(*data.draw(st.permutations(told * 2))) is end


@given(data=st.data())
def test_a_replayed_dead_letter_comes_to_the_outcome_after_all(data: st.DataObject) -> None:
    service = data.draw(st.sampled_from(["converter", "validator", "transformer", "mart-loader"]))
    told = data.draw(st.permutations([*LOADED, f"dead.{service}"]))
    assert folded(*told) is State.LOADED


@pytest.mark.parametrize("news", ["dead.lineage", "dead.intake", "file.seen", ""])
def test_news_of_mere_watchers_moves_nothing(news: str) -> None:
    assert fold(RECEIVED, news) == RECEIVED


def test_a_late_dead_letter_of_a_stage_that_has_answered_is_no_failure() -> None:
    assert folded("file.landed", "file.converted", "dead.converter") is State.CONVERTED


class Tracking(RuleBasedStateMachine):
    """Any news whatsoever, in any order, for ever."""

    @initialize()
    def begin(self) -> None:
        self.standing: Standing = RECEIVED

    @rule(news=st.sampled_from([*STEPS, "dead.lineage", "other"]))
    def hear(self, news: str) -> None:
        before, self.standing = self.standing, fold(self.standing, news)
        assert self.standing.progress >= before.progress
        if before.state in SETTLED:
            assert self.standing == before
        assert fold(self.standing, news) == self.standing, "the same news again changes nothing"

    @invariant()
    def only_steps_lead_anywhere(self) -> None:
        assert self.standing in {RECEIVED, *STEPS.values()}


TestTracking = Tracking.TestCase


def test_the_newest_version_stays_whichever_was_loaded_first() -> None:
    old, replayed, new = Loaded(1, 1, uuid4()), Loaded(1, 2, uuid4()), Loaded(2, 1, uuid4())
    assert surpassed([new, old, replayed]) == {old.run_id, replayed.run_id}
    assert surpassed([replayed, old]) == {old.run_id}
    assert surpassed([old]) == set()
    assert surpassed([]) == set()
