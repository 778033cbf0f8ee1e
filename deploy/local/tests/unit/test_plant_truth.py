"""The truth of every KPI, by hand, on worlds of a few batches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cytolake.synthetic.plant.testing import (
    batch,
    count,
    day,
    event,
    limits,
    line,
    said,
    step,
    world,
)
from cytolake.synthetic.plant.truth_batches import (
    batch_success,
    deviations_per_batch,
    right_first_time,
    vein_to_vein,
)
from cytolake.synthetic.plant.truth_results import first_pass_attribute, oos_rate
from cytolake.synthetic.plant.truth_steps import growth, step_lead_time

CODE = "SYN-CART-19"


def test_vein_to_vein_counts_a_remade_patient_from_the_first_collection() -> None:
    """10 and 20 days, and 30 for the one who was made twice; one was never infused."""
    therapies = [
        batch(1, milestones=(("apheresis", day(0)), ("infusion", day(10)))),
        batch(2, milestones=(("apheresis", day(0)), ("infusion", day(20)))),
        batch(3, "rejected", coi_id="COI-3", milestones=(("apheresis", day(0)),)),
        batch(4, coi_id="COI-3", milestones=(("apheresis", day(12)), ("infusion", day(30)))),
        batch(5, milestones=(("apheresis", day(0)),)),
    ]
    assert vein_to_vein(world(*therapies)) == [
        {
            "product_code": CODE,
            "month": "2025-03-01",
            "n": 3,
            "median_days": 20.0,
            "p90_days": pytest.approx(28.0),  # between 20 and 30 at 0.8
            "n_not_infused": 1,
        }
    ]


def test_nobody_infused_is_no_number() -> None:
    (row,) = vein_to_vein(world(batch(1, milestones=(("apheresis", day(0)),))))
    assert (row["n"], row["median_days"], row["p90_days"]) == (0, None, None)


def test_batch_success_by_month_of_disposition() -> None:
    decided = [
        batch(1),
        batch(2, released_oos=True),
        batch(3, "rejected"),
        batch(4, "terminated", dispositioned_at=day(40)),
        batch(5, "in_process", dispositioned_at=None),
    ]
    march, april = batch_success(world(*decided))
    assert march == {
        "product_code": CODE,
        "month": "2025-03-01",
        "n": 3,
        "n_released_in_spec": 1,
        "n_released_oos": 1,
        "n_rejected": 1,
        "n_terminated": 0,
        "batch_success": pytest.approx(1 / 3),
    }
    assert (april["month"], april["n"], april["n_terminated"]) == ("2025-04-01", 1, 1)
    assert april["batch_success"] == 0.0


def test_the_month_is_that_of_the_site() -> None:
    """At 23:30 UTC on 31 March it is April in Berlin."""
    late = batch(1, dispositioned_at=day(30) + timedelta(hours=11, minutes=30))
    assert [row["month"] for row in batch_success(world(late))] == ["2025-04-01"]


def test_right_first_time() -> None:
    """A minor deviation and a major OOS do no harm; a major deviation, retest or repeat do."""
    again = line("B-4", "vcn", said(2.0), retest_of="B-4-vcn-0")
    decided = [
        batch(1, quality=(event("deviation", "minor", day(1), None),)),
        batch(2, quality=(event("oos", "major", day(1), None),)),
        batch(3, quality=(event("deviation", "major", day(1), None),)),
        batch(4, results=(again,)),
        batch(5, steps=(step("select", 1, day(0), day(1), repeat_of_step=True),)),
    ]
    (row,) = right_first_time(world(*decided))
    assert (row["n"], row["n_right"], row["right_first_time"]) == (5, 2, 0.4)


def test_deviations_per_batch() -> None:
    found = [
        batch(1, quality=(event("deviation", "minor", day(1), day(11)),)),
        batch(
            2,
            quality=(event("oos", "major", day(2), day(22)), event("oot", "minor", day(95), None)),
        ),
        batch(3, quality=(event("capa", "minor", day(20), None),)),
    ]
    march, june = deviations_per_batch(world(*found))
    assert march == {
        "product_code": CODE,
        "month": "2025-03-01",
        "n": 3,
        "n_events": 3,
        "n_deviations": 1,
        "n_oos": 1,
        "n_oot": 0,
        "n_capa": 1,
        "events_per_batch": 1.0,
        "n_closed": 2,
        "median_days_to_close": 15.0,
        "n_open_over_30_days": 1,
    }
    assert (june["n"], june["n_events"]) == (0, 1)
    assert (june["events_per_batch"], june["median_days_to_close"]) == (None, None)
    assert june["n_open_over_30_days"] == 0


RESULTS = (
    line("B-1", "viability", said(90.0)),
    line("B-1", "vcn", said(6.0)),
    line("B-1", "dose", said(200.0)),
    line("B-1", "cd3_pos", said(99.0, state="to_be_verified")),
    line("B-1", "car_pos", said(2.0, is_invalidated=True), result_id="first"),
    line("B-1", "car_pos", said(30.0), result_id="again", retest_of="first"),
    line("B-1", "car_pos", said(1.0), stage="in_process", result_id="day 5"),
)
LIMITS = (
    limits("viability", lower=70),
    limits("vcn", upper=5, is_upper_inclusive=False),
    limits("dose", is_report_only=True),
    limits("cd3_pos", lower=80),
    limits("car_pos", lower=10),
    limits("car_pos", lower=5, stage="in_process", is_release=False),
)


def test_oos_rate_shows_invalidated_results_apart() -> None:
    """Judged: viability, vcn, the retest of car_pos. Of these vcn fails."""
    rows = oos_rate(world(batch(1, results=RESULTS), specifications=LIMITS))
    told = {r["attribute"]: (r["n"], r["n_oos"], r["oos_rate"], r["n_invalidated"]) for r in rows}
    assert told == {
        "viability": (1, 0, 0.0, 0),
        "vcn": (1, 1, 1.0, 0),
        "dose": (0, 0, None, 0),
        "car_pos": (1, 0, 0.0, 1),
    }
    assert {row["month"] for row in rows} == {"2025-03-01"}


def test_first_pass_leaves_retests_out_and_takes_what_was_reported_first() -> None:
    """car_pos failed at first, twice (release and day 5); the slip in killing was corrected."""
    slip = line("B-1", "killing", said(1.0), said(60.0, version=2))
    made = batch(1, results=(*RESULTS, slip))
    found = first_pass_attribute(world(made, specifications=(*LIMITS, limits("killing", lower=50))))
    told = [(r["attribute"], r["n"], r["n_passed"], r["n_undecided"]) for r in found]
    assert told == [
        ("car_pos", 2, 0, 0),
        ("dose", 0, 0, 1),
        ("killing", 1, 0, 0),
        ("vcn", 1, 0, 0),
        ("viability", 1, 1, 0),
    ]


def test_step_lead_time() -> None:
    """12 and 8 hours of ten planned; the second step waits 1 and 3 hours; one still runs."""
    hour = timedelta(hours=1)
    first = (
        step("select", 1, day(0), day(0) + 12 * hour),
        step("expand", 2, day(0) + 13 * hour, day(2)),
    )
    second = (
        step("select", 1, day(0), day(0) + 8 * hour),
        step("expand", 2, day(0) + 11 * hour, None),
    )
    select, expand = step_lead_time(world(batch(1, steps=first), batch(2, steps=second)))
    assert select == {
        "product_code": CODE,
        "seq": 1,
        "step": "select",
        "n": 2,
        "median_hours": 10.0,
        "p90_hours": pytest.approx(11.6),
        "median_planned_ratio": 1.0,
        "median_queue_hours": None,
    }
    assert (expand["n"], expand["median_hours"], expand["median_queue_hours"]) == (1, 35.0, 1.0)


def test_growth() -> None:
    """100, 200, then fewer: one doubling in two days, then no doubling time."""
    counted = (
        count("B-1", 1, 1.0, 100.0),
        count("B-1", 3, 1.0, 200.0),
        count("B-1", 4, 0.5, 200.0),
    )
    rows = growth(world(batch(1, samples=counted)))
    told = [(row["tvc"], row["fold_expansion"], row["pdl"]) for row in rows]
    assert told == [(100.0, 1.0, 0.0), (200.0, 2.0, 1.0), (100.0, 1.0, 0.0)]
    assert [row["doubling_time_hours"] for row in rows] == [None, pytest.approx(48.0), None]
