"""The truth of every KPI, by hand, on worlds of a few batches."""

from __future__ import annotations

import pytest

from cytolake.synthetic.plant.testing import (
    batch,
    day,
    limits,
    line,
    said,
    world,
)
from cytolake.synthetic.plant.truth_charts import capability, control_chart

CODE = "SYN-CART-19"

LIMITS = (limits("viability", lower=70), limits("vcn", upper=5, is_upper_inclusive=False))


def charted(values: list[float]) -> list[dict[str, object]]:
    made = [
        batch(
            number,
            results=(line(f"B-{number}", "viability", said(value, tested_at=day(number))),),
        )
        for number, value in enumerate(values, start=1)
    ]
    return control_chart(world(*made, specifications=LIMITS))


def test_a_chart_has_no_centre_before_twenty_accepted_batches() -> None:
    rows = charted([90.0, 91.0] * 9)
    assert {row["center"] for row in rows} == {None}
    assert {row["rule_1"] for row in rows} == {None}


def test_the_baseline_is_frozen_and_a_point_beyond_three_sigma_is_seen() -> None:
    """20 values that alternate by 1: mean 90.5, moving range 1, sigma 1/1.128."""
    rows = charted([90.0, 91.0] * 10 + [80.0])
    assert rows[-1]["center"] == pytest.approx(90.5)
    assert rows[-1]["sigma"] == pytest.approx(1 / 1.128)
    assert [row["rule_1"] for row in rows] == [False] * 20 + [True]


def test_capability_one_sided() -> None:
    """Mean 90.5 above a lower limit of 70: 20.5 / (3 x 1/1.128); overall s = 0.513."""
    made = [
        batch(n, results=(line(f"B-{n}", "viability", said(90.0 + n % 2, tested_at=day(n))),))
        for n in range(20)
    ]
    low = line("B-20", "viability", said(60.0, qualifier="<"))
    (row,) = capability(world(*made, batch(20, results=(low,)), specifications=LIMITS))
    assert row["cpk"] == pytest.approx(20.5 / (3 / 1.128))
    assert row["ppk"] == pytest.approx(20.5 / (3 * 0.5129891760425771))
    assert (row["n"], row["n_censored"]) == (20, 1)


def test_capability_of_nineteen_or_of_what_never_varies_is_no_number() -> None:
    def of(n: int, spread: float) -> object:
        made = [
            batch(k, results=(line(f"B-{k}", "viability", said(90.0 + spread * (k % 2))),))
            for k in range(n)
        ]
        (row,) = capability(world(*made, specifications=LIMITS))
        return row["cpk"]

    assert of(19, 1.0) is None
    assert of(20, 0.0) is None
