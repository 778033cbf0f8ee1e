"""The arithmetic of the bench."""

from __future__ import annotations

from uuid import UUID

import pytest

from cytolake.bench_figures import percentile, ratio, spread, stage_spreads, throughput
from cytolake.bench_load import Passage

OBJECT = UUID(int=7)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.5, 3.0), (0.75, 4.0), (0.9, 4.6), (1.0, 5.0)]
)
def test_percentiles_are_interpolated(share: float, expected: float) -> None:
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], share) == pytest.approx(expected)


def test_a_single_value_is_every_percentile() -> None:
    one = spread([0.7])
    assert (one.n, one.p50, one.p95, one.p99, one.longest) == (1, 0.7, 0.7, 0.7, 0.7)


def test_nothing_measured_is_an_error_not_a_zero() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        spread([])


def test_throughput_runs_from_first_put_to_last_row() -> None:
    passages = [Passage(OBJECT, "a", 10.0, 13.0), Passage(OBJECT, "b", 11.0, 15.0)]
    assert throughput(passages).files_per_second == pytest.approx(2 / 5)


def test_stages_lie_between_neighbouring_moments() -> None:
    whole = {"received": 1.0, "landed": 1.2, "converted": 1.5, "validated": 1.6}
    rejected = {"received": 5.0, "landed": 5.4}
    stages = stage_spreads([whole, rejected])
    assert list(stages) == ["received -> landed", "landed -> converted", "converted -> validated"]
    assert stages["received -> landed"].n == 2
    assert stages["landed -> converted"].p50 == pytest.approx(0.3)


def test_the_ratio_is_of_medians() -> None:
    assert ratio([1.0, 2.0, 90.0], [0.5, 1.0, 1.5]) == pytest.approx(2.0)
