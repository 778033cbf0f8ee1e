"""The states of a run and of an object: the one declared transition table, and decisions.

A run's standing is folded from the events about it. Events come late, twice and out of
order, so each carries how far it proves the run to be (`progress`): a standing only moves
forward, and a settled one not at all. A service's failure stands just behind the outcome
that the service owes, so that the outcome, should it come after all, wins over it.

Only a person's decision leads on from where a run has settled: it opens the object's next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class State(StrEnum):
    """Where an object, or one run of it, is (ARCHITECTURE.md, States)."""

    RECEIVED = "received"
    LANDED = "landed"
    CONVERTED = "converted"
    VALIDATED = "validated"
    BUILT = "built"
    LOADED = "loaded"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    VANISHED = "vanished"
    QUARANTINED = "quarantined"
    FAILED = "failed"


OPEN = frozenset({State.RECEIVED, State.LANDED, State.CONVERTED, State.VALIDATED, State.BUILT})
"""On the way: intake asks again for as long as a run is in one of these."""
ENDS = frozenset({State.LOADED, State.REJECTED, State.DUPLICATE, State.SUPERSEDED, State.VANISHED})
WAITING = frozenset({State.QUARANTINED, State.FAILED})
"""For people: a replay, a release or a refusal."""
SETTLED = ENDS | {State.QUARANTINED}
"""No event about the run moves it any more; only a newer run of the object does. A failed
run is not settled: its dead letter may be replayed and the outcome come after all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A state and how far along it is; of two pieces of news the one further along holds."""

    state: State
    progress: int


RECEIVED = Standing(State.RECEIVED, 0)
STEPS: Mapping[str, Standing] = MappingProxyType(
    {
        "file.landed": Standing(State.LANDED, 2),
        "file.converted": Standing(State.CONVERTED, 4),
        "file.rejected": Standing(State.REJECTED, 4),
        "file.validated": Standing(State.VALIDATED, 6),
        "file.quarantined": Standing(State.QUARANTINED, 6),
        "lake.built": Standing(State.BUILT, 8),
        "mart.loaded": Standing(State.LOADED, 10),
        "dead.converter": Standing(State.FAILED, 3),
        "dead.validator": Standing(State.FAILED, 5),
        "dead.transformer": Standing(State.FAILED, 7),
        "dead.mart-loader": Standing(State.FAILED, 9),
    }
)
"""What each kind of news proves. News of any other kind (a dead letter of a service that
only watches) moves no run."""


def fold(standing: Standing, news: str) -> Standing:
    """Return the standing after `news`, a key of STEPS or anything else."""
    step = STEPS.get(news)
    if step is None or standing.state in SETTLED or step.progress <= standing.progress:
        return standing
    return step


class Action(StrEnum):
    """What a person can decide about an object."""

    REPLAY = "replay"
    REVALIDATE = "revalidate"
    RELEASE = "release"
    REFUSE = "refuse"


class BatchAction(StrEnum):
    """What a person can decide about a batch: it opens no run, and moves no object."""

    RELEASE_BATCH = "release_batch"


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision: about objects in which states, and where the run that it opens stands."""

    of: frozenset[State]
    opens: Standing


DECISIONS: Mapping[Action, Choice] = MappingProxyType(
    {
        Action.REPLAY: Choice(WAITING | {State.LOADED, State.REJECTED}, RECEIVED),
        Action.REVALIDATE: Choice(WAITING | {State.REJECTED}, RECEIVED),
        Action.RELEASE: Choice(frozenset({State.QUARANTINED}), RECEIVED),
        Action.REFUSE: Choice(frozenset({State.QUARANTINED}), Standing(State.REJECTED, 10)),
    }
)
"""An object on its way waits for its end first; of a duplicate, a superseded or a vanished one
there is nothing to be had that another object does not have. A failed run is not refused: its
dead letter, replayed, would go on to rows."""


def opened(state: State, action: Action) -> Standing | None:
    """Return how the next run of an object in this state begins; None: not to be decided now."""
    choice = DECISIONS[action]
    return choice.opens if state in choice.of else None


@dataclass(frozen=True, slots=True, order=True)
class Loaded:
    """A loaded run of some version of one key: the greatest of them is the current one."""

    object_seq: int
    run_no: int
    run_id: UUID


def surpassed(loaded: Iterable[Loaded]) -> set[UUID]:
    """Return, of one key's loaded runs, those that end `superseded`: all but the newest."""
    return {run.run_id for run in sorted(loaded)[:-1]}
