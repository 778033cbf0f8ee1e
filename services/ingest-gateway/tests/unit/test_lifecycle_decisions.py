"""Any sequence of decisions and late events: nothing lost, nothing doubled.

The ledger's own rules in memory: a decision opens the object's next run where the table of
transitions lets it, every run folds the news about it, of the loaded runs the newest stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from cytolake_contracts.identity import NAMESPACE, run_id
from cytolake_ingest_gateway.lifecycle import (
    DECISIONS,
    ENDS,
    OPEN,
    RECEIVED,
    SETTLED,
    STEPS,
    WAITING,
    Action,
    Loaded,
    Standing,
    State,
    fold,
    opened,
    surpassed,
)

NEWS = [*STEPS, "dead.lineage", "file.progressed"]


def test_decisions_are_about_what_has_ended_or_waits_and_open_what_is_known() -> None:
    assert set(DECISIONS) == set(Action)
    for choice in DECISIONS.values():
        assert choice.of <= ENDS | WAITING
        assert choice.of & OPEN == frozenset()
        assert choice.opens == RECEIVED or choice.opens.state in SETTLED


def test_whatever_waits_for_people_can_be_decided_by_them() -> None:
    for state in WAITING:
        assert {Action.REPLAY, Action.REVALIDATE} <= {a for a in Action if opened(state, a)}
    assert opened(State.QUARANTINED, Action.REFUSE) is not None


@dataclass
class Run:
    run_no: int
    standing: Standing
    action: Action | None = None


class Deciding(RuleBasedStateMachine):
    """One object, any decisions, and any news about any of its runs, however late."""

    late = Bundle("late")

    def __init__(self) -> None:
        super().__init__()
        self.object_id: UUID = NAMESPACE
        self.runs = [Run(1, RECEIVED)]

    @property
    def newest(self) -> Run:
        return self.runs[-1]

    @rule(action=st.sampled_from(Action))
    def decide(self, action: Action) -> None:
        before = self.newest.standing
        begins = opened(before.state, action)
        if begins is None:
            assert before.state in OPEN or before.state not in DECISIONS[action].of
            return
        self.runs.append(Run(len(self.runs) + 1, begins, action))

    @rule(target=late, news=st.sampled_from(NEWS), back=st.integers(0, 3))
    def send(self, news: str, back: int) -> tuple[int, str]:
        """Say something about a run, to be heard later, perhaps much later."""
        return max(0, len(self.runs) - 1 - back), news

    @rule(said=consumes(late))
    def hear(self, said: tuple[int, str]) -> None:
        self._told(*said)

    @rule(said=late)
    def hear_again_and_again(self, said: tuple[int, str]) -> None:
        self._told(*said)
        self._told(*said)

    def _told(self, place: int, news: str) -> None:
        run = self.runs[place]
        others = [(one.run_no, one.standing) for one in self.runs if one is not run]
        was = run.standing
        run.standing = fold(was, news)
        if was.state in SETTLED:
            assert run.standing == was, "what has settled is moved by a newer run only"
        if run.standing.state is State.LOADED and was.state is not State.LOADED:
            self._supersede()
        else:
            assert others == [(o.run_no, o.standing) for o in self.runs if o is not run]

    def _supersede(self) -> None:
        over = surpassed(self._loaded())
        for run in self.runs:
            if run_id(self.object_id, run.run_no) in over:
                run.standing = Standing(State.SUPERSEDED, run.standing.progress)

    def _loaded(self) -> Iterator[Loaded]:
        for run in self.runs:
            if run.standing.state is State.LOADED:
                yield Loaded(1, run.run_no, run_id(self.object_id, run.run_no))

    @invariant()
    def at_most_one_run_stands_in_the_marts(self) -> None:
        assert len(list(self._loaded())) <= 1

    @invariant()
    def every_run_is_in_a_known_state_and_numbered_without_a_gap(self) -> None:
        assert [run.run_no for run in self.runs] == list(range(1, len(self.runs) + 1))
        assert {run.standing.state for run in self.runs} <= OPEN | ENDS | WAITING

    @invariant()
    def a_refusal_stays_refused_until_somebody_decides_anew(self) -> None:
        for run in self.runs:
            if run.action is Action.REFUSE:
                assert run.standing.state is State.REJECTED

    @invariant()
    def rows_that_were_loaded_are_gone_only_for_newer_ones(self) -> None:
        superseded = [r.run_no for r in self.runs if r.standing.state is State.SUPERSEDED]
        loaded = [one.run_no for one in self._loaded()]
        assert not superseded or (loaded and max(superseded) < loaded[0])


TestDeciding = Deciding.TestCase
