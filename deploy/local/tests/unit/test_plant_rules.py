"""Whether a result passes, and what Nelson's rules see: each by a case that a person can check."""

from __future__ import annotations

import pytest

from cytolake.synthetic.plant.judging import is_beyond_alert, passes, specification_of
from cytolake.synthetic.plant.nelson import RULES
from cytolake.synthetic.plant.testing import day, limits, line, said


@pytest.mark.parametrize(
    ("value", "qualifier", "expected"),
    [
        (70.0, None, True),
        (69.5, None, True),  # rounded half up to the limit's decimals
        (69.4, None, False),
        (100.4, None, True),
        (100.5, None, False),
        (69.0, "<", False),
        (80.0, "<", None),  # somewhere below 80: nobody knows
    ],
)
def test_a_number_between_two_limits(
    value: float, qualifier: str | None, *, expected: bool | None
) -> None:
    both = limits("viability", lower=70, upper=100)
    assert passes(said(value, qualifier=qualifier), both) is expected


@pytest.mark.parametrize(("inclusive", "expected"), [(True, True), (False, False)])
def test_at_the_limit_the_flag_decides(*, inclusive: bool, expected: bool) -> None:
    upper = limits("vcn", upper=5, is_upper_inclusive=inclusive)
    assert passes(said(5.0), upper) is expected


def test_below_a_limit_of_quantitation_keeps_an_upper_limit() -> None:
    assert passes(said(0.05, qualifier="<"), limits("endotoxin", upper=5)) is True


def test_texts_and_reports() -> None:
    sterile = limits("sterility", text_accept="no growth")
    assert passes(said(text="no growth"), sterile) is True
    assert passes(said(text="growth"), sterile) is False
    assert passes(said(5.0), limits("dose", is_report_only=True)) is None
    assert passes(said(5.0), None) is None


def test_the_specification_in_force_when_it_was_tested() -> None:
    old = limits("viability", lower=70, valid_to=day(5))
    new = limits("viability", lower=80, spec_version=2, valid_from=day(5))
    tested = line("B-1", "viability", said(75.0))
    found = [
        specification_of((old, new), product_code=old.product_code, line=tested, at=day(at))
        for at in (4, 5)
    ]
    assert found == [old, new]


def test_beyond_alert_is_of_uncensored_numbers() -> None:
    alert = limits("endotoxin", alert_upper=1.0, decimals=1)
    assert is_beyond_alert(said(1.1), alert)
    assert not is_beyond_alert(said(1.0), alert)
    assert not is_beyond_alert(said(2.0, qualifier="<"), alert)


CASES = {
    1: ([0, 3.1], [0, 3.0]),
    2: ([0.1] * 9, [0.1] * 8 + [-0.1]),
    3: ([0, 0.1, 0.2, 0.3, 0.4, 0.5], [0, 0.1, 0.2, 0.3, 0.4, 0.4]),
    4: ([0.1, -0.1] * 7, [0.1, -0.1] * 6 + [0.1, 0.1]),
    5: ([0, 2.1, 2.1], [0, 2.1, -2.1]),
    6: ([1.1, 0, 1.1, 1.1, 1.1], [1.1, 0, 0, 1.1, 1.1]),
    7: ([0.5, -0.5] * 7 + [0.5], [0.5, -0.5] * 7 + [1.0]),
    8: ([1.1, -1.1] * 4, [1.1, -1.1] * 3 + [1.1, 1.0]),
}


@pytest.mark.parametrize("number", sorted(RULES))
def test_nelson(number: int) -> None:
    seen, unseen = CASES[number]
    assert RULES[number](seen, 0.0, 1.0) is True
    assert RULES[number](unseen, 0.0, 1.0) is False
    assert RULES[number](seen, None, None) is None
    assert RULES[number](seen, 0.0, 0.0) is None
