"""Control charts and capability against figures worked out by hand, from literal rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import log10

import pytest

from tests.support.views import Row, Views

pytestmark = [pytest.mark.integration, pytest.mark.slow]
BASELINE = [10.0, 12.0] * 10
"""Mean 11; every moving range is 2, so sigma is 2 / 1.128."""
SIGMA = 2 / 1.128
RULES = tuple(f"rule_{number}" for number in range(1, 9))


def charted(
    views: Views,
    product: str,
    values: Sequence[float],
    *,
    attribute: str = "viability",
    limits: Row | None = None,
    **given: object,
) -> None:
    """Put one released batch a day, one result each, under one specification."""
    spec = {"spec_key": f"{product}-1", "product_code": product, "attribute": attribute}
    views.put("mart_specification", spec | {"stage": "release", "spec_version": 1} | (limits or {}))
    names = [f"{product}-{number:03}" for number in range(1, len(values) + 1)]
    views.put(
        "mart_batch",
        *({"batch_id": name, "product_code": product, "status": "released"} for name in names),
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    views.put(
        "mart_result",
        *(
            {
                "batch_id": name,
                "product_code": product,
                "process_version": "v1",
                "attribute": attribute,
                "spec_key": spec["spec_key"],
                "value_num": value,
                "value_spec": value,
                "pass_flag": True,
                "state": "verified",
                "is_current": True,
                "collected_at": start + timedelta(days=number),
            }
            | given
            for number, (name, value) in enumerate(zip(names, values, strict=True))
        ),
    )


def rules(views: Views, product: str) -> dict[int, list[int]]:
    """Return by point the rules that it is told by."""
    rows = views.figures("kpi_control_chart", "point_no", *RULES, product_code=product)
    return {
        point: [number for number, is_true in enumerate(told, start=1) if is_true]
        for point, *told in rows
        if any(told)
    }


def test_limits_come_from_the_first_twenty_and_are_frozen(views: Views) -> None:
    charted(views, "FROZEN", [*BASELINE, 30.0, 11.0])
    columns = ("point_no", "n_baseline", "center", "sigma", "upper_control_limit", "rule_1")
    shown = views.figures("kpi_control_chart", *columns, product_code="FROZEN")
    assert len(shown) == 22
    assert shown[20] == (21, 20, 11.0, pytest.approx(SIGMA), pytest.approx(16.3191489), True)
    assert shown[21] == (22, 20, 11.0, pytest.approx(SIGMA), pytest.approx(16.3191489), False)


def test_no_limits_before_twenty_are_accepted(views: Views) -> None:
    charted(views, "FEW", BASELINE[:19])
    rejected = {"batch_id": "FEW-r", "product_code": "FEW", "status": "rejected"}
    views.put("mart_batch", rejected)
    columns = ("n_baseline", "center", "sigma", "is_oot", *RULES)
    shown = views.figures("kpi_control_chart", *columns, product_code="FEW")
    assert set(shown) == {(None, None, None, False, *[None] * 8)}


def test_nothing_varies_and_nothing_is_out_of_trend(views: Views) -> None:
    charted(views, "FLAT", [5.0] * 22)
    shown = views.figures("kpi_control_chart", "sigma", "rule_1", "is_oot", product_code="FLAT")
    assert set(shown) == {(None, None, False)}


# By hand, in sigmas from the center of a chart whose baseline ends in 12 (z = +0.56):
NELSON = {
    "one beyond three": ([3.1, 0.0], {21: [1]}),
    "nine on one side": ([*[0.3, 0.2] * 5], {28: [2], 29: [2], 30: [2]}),
    "six that rise": ([-1.5, -1.2, -0.9, -0.6, -0.3, 0.1], {26: [3]}),
    "six that fall": ([1.4, 1.2, 0.9, 0.6, 0.3, -0.1], {26: [3]}),
    "two of three beyond two": ([2.1, -0.5, 2.2, -0.5], {23: [5]}),
    "not on one side": ([2.1, -2.2, 0.1], {}),
    "four of five beyond one": ([1.1, 1.2, -0.1, 1.3, 1.2], {25: [6]}),
    "eight outside one": ([1.1, -1.2, 1.3, -1.2, 1.1, -1.2, 1.3, -1.2], {28: [8]}),
}


@pytest.mark.parametrize("name", NELSON)
def test_nelson_rules_by_hand(views: Views, name: str) -> None:
    """The baseline alternates within one sigma: rules 4 and 7 are true of it, and told apart."""
    sigmas, expected = NELSON[name]
    product = f"NELSON {name}"
    charted(views, product, [*BASELINE, *(11.0 + z * SIGMA for z in sigmas)])
    apart = {4, 7}
    found = {p: [r for r in told if r not in apart] for p, told in rules(views, product).items()}
    assert {point: told for point, told in found.items() if told} == expected


def test_the_baseline_alternates_within_one_sigma(views: Views) -> None:
    """Rule 4 from the 14th point, rule 7 from the 15th."""
    charted(views, "ALTERNATES", BASELINE)
    found = rules(views, "ALTERNATES")
    assert found == {14: [4], **{point: [4, 7] for point in range(15, 21)}}


def test_out_of_trend_is_inside_the_specification(views: Views) -> None:
    """An enabled rule (1, 2, 3, 5) or an alert limit; rules 4 and 7 are not enabled."""
    charted(views, "TREND", [*BASELINE, 11.0 + 3.1 * SIGMA, 11.0])
    shown = views.figures("kpi_control_chart", "point_no", "is_oot", product_code="TREND")
    assert [point for point, is_oot in shown if is_oot] == [21]
    charted(views, "FAILED", [*BASELINE, 11.0 + 3.1 * SIGMA], pass_flag=False)
    shown = views.figures("kpi_control_chart", "is_oot", product_code="FAILED")
    assert set(shown) == {(False,)}
    charted(views, "ALERT", [11.0], is_beyond_alert=True)
    assert views.figures("kpi_control_chart", "is_oot", product_code="ALERT") == [(True,)]


def test_replicates_are_one_point_and_censored_numbers_none(views: Views) -> None:
    charted(views, "REPL", [10.0])
    more: Row = {
        "batch_id": "REPL-001", "product_code": "REPL", "process_version": "v1",
        "attribute": "viability", "spec_key": "REPL-1", "state": "verified", "is_current": True,
        "pass_flag": True,
    }  # fmt: skip
    views.put(
        "mart_result",
        more | {"value_num": 14.0, "value_spec": 14.0},
        more | {"value_num": 99.0, "value_spec": 99.0, "qualifier": ">"},
        more | {"value_num": 50.0, "value_spec": 50.0, "is_invalidated": True},
        more | {"value_num": 50.0, "value_spec": 50.0, "is_current": False},
    )
    shown = views.figures("kpi_control_chart", "value", "n_results", product_code="REPL")
    assert shown == [(12.0, 2)]
    shown = views.figures("kpi_capability", "n", "n_censored", "cpk", product_code="REPL")
    assert shown == [(1, 1, None)]


CAPABILITY = ("n", "mean", "sigma_within", "sigma_overall", "cpk", "ppk")
OVERALL = (20 / 19) ** 0.5
"""Twenty values, each 1 from their mean."""


def test_capability_to_the_nearer_limit(views: Views) -> None:
    charted(views, "CPK", BASELINE, limits={"lower": 5.0, "upper": 15.0})
    shown = views.figures("kpi_capability", *CAPABILITY, product_code="CPK")
    assert shown == [
        (20, 11.0, *map(pytest.approx, (SIGMA, OVERALL, 4 / (3 * SIGMA), 4 / (3 * OVERALL))))
    ]


def test_capability_of_one_limit(views: Views) -> None:
    charted(views, "ONESIDED", BASELINE, limits={"lower": 5.0})
    shown = views.figures("kpi_capability", "cpk", "ppk", product_code="ONESIDED")
    assert shown == [(pytest.approx(1.128), pytest.approx(6 / (3 * OVERALL)))]


def test_no_capability_without_twenty_or_without_spread_or_limits(views: Views) -> None:
    charted(views, "CPK19", BASELINE[:19], limits={"lower": 5.0})
    assert views.figures("kpi_capability", "n", "cpk", product_code="CPK19") == [(19, None)]
    charted(views, "CPK0", [7.0] * 20, limits={"lower": 5.0})
    shown = views.figures("kpi_capability", "n", "cpk", "ppk", product_code="CPK0")
    assert shown == [(20, None, None)]
    charted(views, "CPKFREE", BASELINE)
    assert views.figures("kpi_capability", "n", "cpk", product_code="CPKFREE") == [(20, None)]


def test_titers_are_compared_by_their_logarithms(views: Views) -> None:
    """Powers of ten that alternate: 8 and 9, mean 8.5, sigma 1 / 1.128; a zero has no logarithm."""
    titers = [1e8, 1e9] * 10
    charted(views, "TITER", [*titers, 0.0], attribute="lv_titer", limits={"lower": 1e7})
    columns = ("is_log", "n", "n_not_positive", "lower_limit", "mean", "cpk")
    shown = views.figures("kpi_capability", *columns, product_code="TITER")
    assert shown == [(True, 20, 1, log10(1e7), pytest.approx(8.5), pytest.approx(1.5 * 1.128 / 3))]
