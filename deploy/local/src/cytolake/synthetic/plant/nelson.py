"""Nelson's eight rules about the last point of a run of values, in standard wording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

LONGEST = 15
"""No rule looks further back than so many points."""
type Rule = Callable[[Sequence[float], float | None, float | None], bool | None]
type _Test = Callable[[Sequence[float]], bool]


def _of_scores(test: _Test) -> Rule:
    """Make a rule of a test of the values' distances from the centre, in sigmas."""

    def rule(values: Sequence[float], centre: float | None, sigma: float | None) -> bool | None:
        if centre is None or not sigma:
            return None
        return test([(value - centre) / sigma for value in values])

    return rule


def _of_values(test: _Test) -> Rule:
    """Make a rule of a test of the values themselves; it too waits for the chart's centre."""

    def rule(values: Sequence[float], centre: float | None, sigma: float | None) -> bool | None:
        if centre is None or not sigma:
            return None
        return test(values)

    return rule


def _on_one_side(scores: Sequence[float]) -> bool:
    last = scores[-9:]
    return len(last) == 9 and (min(last) > 0 or max(last) < 0)  # noqa: PLR2004


def _steady(values: Sequence[float]) -> bool:
    last = values[-6:]
    if len(last) < 6:  # noqa: PLR2004
        return False
    return all(b > a for a, b in pairwise(last)) or all(b < a for a, b in pairwise(last))


def _alternating(values: Sequence[float]) -> bool:
    last = values[-14:]
    moves = [b - a for a, b in pairwise(last)]
    return len(last) == 14 and all(a * b < 0 for a, b in pairwise(moves))  # noqa: PLR2004


def _of_the_last(scores: Sequence[float], *, wanted: int, of: int, beyond: float) -> bool:
    """Whether `wanted` of the last `of` lie beyond so many sigmas on one side, the newest too."""
    last = scores[-of:]
    sides = ([score > beyond for score in last], [score < -beyond for score in last])
    return any(side[-1] and sum(side) >= wanted for side in sides)


def _hugging(scores: Sequence[float]) -> bool:
    last = scores[-15:]
    return len(last) == 15 and all(abs(score) < 1 for score in last)  # noqa: PLR2004


def _avoiding(scores: Sequence[float]) -> bool:
    last = scores[-8:]
    return len(last) == 8 and all(abs(score) > 1 for score in last)  # noqa: PLR2004


RULES: Mapping[int, Rule] = MappingProxyType(
    {
        1: _of_scores(lambda scores: abs(scores[-1]) > 3),  # noqa: PLR2004
        2: _of_scores(_on_one_side),
        3: _of_values(_steady),
        4: _of_values(_alternating),
        5: _of_scores(lambda scores: _of_the_last(scores, wanted=2, of=3, beyond=2)),
        6: _of_scores(lambda scores: _of_the_last(scores, wanted=4, of=5, beyond=1)),
        7: _of_scores(_hugging),
        8: _of_scores(_avoiding),
    }
)
