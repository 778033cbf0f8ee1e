"""Every figure of the KPI views against one worked out by hand, from literal rows. Synthetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.support.views import Row, Views

pytestmark = [pytest.mark.integration, pytest.mark.slow]
MARCH = date(2026, 3, 1)


def day(number: float, month: int = 3) -> datetime:
    return datetime(2026, month, 1, 12, tzinfo=UTC) + timedelta(days=number - 1)


def batch(product: str, batch_id: str, **given: Any) -> Row:
    return {
        "batch_id": batch_id,
        "product_code": product,
        "site": "north",
        "timezone": None,
    } | given


def result(product: str, batch_id: str, **given: Any) -> Row:
    told = {"product_code": product, "batch_id": batch_id, "site": "north", "sample_id": batch_id}
    neutral = {"attribute": "vcn", "state": "verified", "is_current": True, "is_release": True}
    return told | neutral | {"verified_at": day(10), "version_no": 1} | given


def test_vein_to_vein(views: Views) -> None:
    """Four therapies: 20, 30 and 40 days, one of them by a remade batch, one not infused."""
    views.put("mart_batch", *(batch("V2V", f"V{n}") for n in (1, 2, 3, 4, 5)))
    events = [
        ("V1", "apheresis", "a", day(1)),
        ("V1", "infusion", "a", day(21)),
        ("V2", "apheresis", "b", day(-9)),
        ("V2", "infusion", "b", day(21)),
        ("V3", "apheresis", "c", day(-19)),  # this one failed; V4 was made of a second collection
        ("V4", "apheresis", "c", day(5)),
        ("V4", "infusion", "c", day(21)),
        ("V5", "apheresis", "d", day(2)),
    ]
    views.put(
        "mart_batch_event",
        *({"batch_id": b, "event": e, "coi_hash": c, "occurred_at": t} for b, e, c, t in events),
    )
    shown = views.figures(
        "kpi_vein_to_vein", "month", "n", "median_days", "p90_days", "n_not_infused",
        product_code="V2V",
    )  # fmt: skip
    assert shown == [(MARCH, 3, 30.0, 38.0, 1)]
    chains = views.figures("int_chain_of_identity", "coi_hash", "n_batches", product_code="V2V")
    assert chains == [("a", 1), ("b", 1), ("c", 2), ("d", 1)]


def test_batch_success_by_the_months_of_the_site(views: Views) -> None:
    """Midnight in Tokyo comes nine hours before that of UTC: the last one is of April."""
    last = datetime(2026, 3, 31, 16, tzinfo=UTC)
    decided = [
        ("S1", "released", False, day(3)),
        ("S2", "released", False, day(4)),
        ("S3", "released", True, day(5)),
        ("S4", "rejected", False, day(6)),
        ("S5", "terminated", False, None),
        ("S6", "in_process", False, day(7)),
        ("S7", "released", False, last),
    ]
    views.put(
        "mart_batch",
        *(
            batch("SUC", b, status=s, released_oos=o, dispositioned_at=t, timezone="Asia/Tokyo")
            for b, s, o, t in decided
        ),
    )
    views.put("mart_batch_event", {"batch_id": "S5", "event": "terminate", "occurred_at": day(8)})
    shown = views.figures(
        "kpi_batch_success", "month", "n", "n_released_in_spec", "n_released_oos", "n_rejected",
        "n_terminated", "batch_success", product_code="SUC",
    )  # fmt: skip
    assert shown == [(MARCH, 5, 2, 1, 1, 1, 0.4), (date(2026, 4, 1), 1, 1, 0, 0, 0, 1.0)]


def test_right_first_time_as_a_whole_and_by_step(views: Views) -> None:
    """Of four: one with a major deviation, one with a retest, one with a repeated step."""
    views.put(
        "mart_batch",
        *(batch("RFT", f"T{n}", status="released", dispositioned_at=day(n)) for n in (1, 2, 3, 4)),
    )
    views.put(
        "mart_batch_step",
        *({"batch_id": f"T{n}", "step": "expand", "is_repeat": n == 3} for n in (1, 2, 3, 4)),
    )
    kinds = [("T1", "deviation", "major"), ("T4", "deviation", "minor"), ("T4", "oos", "major")]
    views.put(
        "mart_quality_event",
        *({"kind": k, "severity": s, "batch_id": b, "step": "harvest"} for b, k, s in kinds),
    )
    views.put("mart_result", result("RFT", "T2", retest_of="R1", step="expand"))
    counts = ("n", "n_right", "n_with_deviation", "n_with_retest", "n_with_repeat")
    shown = views.figures(
        "kpi_right_first_time", "step", *counts, "right_first_time", product_code="RFT"
    )
    assert shown == [("expand", 4, 2, 0, 1, 1, 0.5), (None, 4, 1, 1, 1, 1, 0.25)]


def test_oos_rate(views: Views) -> None:
    """Of four with a verdict one fails; invalidated, provisional and replaced ones are apart."""
    told: list[Row] = [
        {"pass_flag": True},
        {"pass_flag": True},
        {"pass_flag": True, "state": "published"},
        {"pass_flag": False},
        {"pass_flag": None},
        {"pass_flag": False, "is_invalidated": True},
        {"pass_flag": False, "is_current": False},
        {"pass_flag": False, "state": "to_be_verified"},
        {"pass_flag": False, "is_release": False},
    ]
    views.put("mart_result", *(result("OOS", f"O{n}", **row) for n, row in enumerate(told)))
    columns = ("month", "n", "n_oos", "n_undecided", "n_invalidated", "n_invalidated_oos")
    shown = views.figures("kpi_oos_rate", *columns, "oos_rate", product_code="OOS")
    assert shown == [(MARCH, 4, 1, 1, 1, 1, 0.25)]


def test_no_result_has_no_rate(views: Views) -> None:
    views.put("mart_result", result("NIL", "N1", pass_flag=None))
    assert views.figures("kpi_oos_rate", "n", "oos_rate", product_code="NIL") == [(0, None)]
    shown = views.figures("kpi_first_pass_attribute", "n", "first_pass", product_code="NIL")
    assert shown == [(0, None)]


def test_first_pass_is_of_what_was_reported_first(views: Views) -> None:
    """A correction and a retest that pass do not mend a first result that failed."""
    views.put(
        "mart_result",
        result("FPA", "F1", result_id="1", pass_flag=False, is_current=False),
        result("FPA", "F1", result_id="1", pass_flag=True, version_no=2, verified_at=day(12)),
        result("FPA", "F1", result_id="2", pass_flag=True, retest_of="1", verified_at=day(9)),
        result("FPA", "F2", pass_flag=True),
        result("FPA", "F3", pass_flag=True, replicate=1),
        result("FPA", "F3", pass_flag=False, replicate=2),
        result("FPA", "F4", pass_flag=None),
    )
    columns = ("attribute", "n", "n_passed", "n_undecided", "first_pass")
    shown = views.figures("kpi_first_pass_attribute", *columns, product_code="FPA")
    assert shown == [("vcn", 4, 2, 1, 0.5)]


def test_step_lead_time(views: Views) -> None:
    """Three expansions of 100, 200 and 300 hours; one is still going on."""
    views.put("mart_batch", *(batch("LEAD", f"L{n}") for n in (1, 2, 3, 4)))
    hours = [
        (1, 100.0, 0.5, None),
        (2, 200.0, 1.0, 10.0),
        (3, 300.0, None, 20.0),
        (4, None, None, 5),
    ]
    views.put(
        "mart_batch_step",
        *(
            {"batch_id": f"L{n}", "step": "expand", "seq": 3, "hours": h, "planned_ratio": r,
             "queue_hours": q}
            for n, h, r, q in hours
        ),
    )  # fmt: skip
    columns = ("step", "seq", "n", "median_hours", "p90_hours", "n_planned", "median_planned_ratio")
    shown = views.figures(
        "kpi_step_lead_time", *columns, "n_queued", "median_queue_hours", product_code="LEAD"
    )
    assert shown == [("expand", 3, 3, 200.0, 280.0, 2, 0.75, 2, 15.0)]


def test_deviations_per_batch(views: Views) -> None:
    """Three events on two batches begun in March; in April one event and no batch begun."""
    views.put(
        "mart_batch", batch("DEV", "D1", started_at=day(1)), batch("DEV", "D2", started_at=day(2))
    )
    events = [
        ("deviation", "D1", day(3), day(5)),
        ("deviation", "D1", day(3), day(9)),
        ("capa", "D2", day(4), None),
        ("oos", "D2", day(2, month=4), day(3, month=4)),
    ]
    views.put(
        "mart_quality_event",
        *({"kind": k, "batch_id": b, "opened_at": o, "closed_at": c} for k, b, o, c in events),
    )
    columns = ("month", "n", "n_events", "n_deviations", "n_capa", "events_per_batch", "n_closed")
    shown = views.figures(
        "kpi_deviations_per_batch", *columns, "median_days_to_close", "n_open_over_30_days",
        product_code="DEV",
    )  # fmt: skip
    assert shown == [
        (MARCH, 2, 3, 2, 1, 1.5, 2, 4.0, 1),
        (date(2026, 4, 1), 0, 1, 0, 0, None, 1, 1.0, 0),
    ]


def test_growth_is_told_with_product_and_site(views: Views) -> None:
    views.put("mart_batch", batch("GRO", "G1"))
    day_of_batch = {"batch_id": "G1", "culture_day": 2.0, "n_counts": 3, "vcd": 2.0, "tvc": 100.0}
    views.put("mart_cell_growth", day_of_batch | {"fold_expansion": 4.0, "pdl": 2.0})
    columns = ("batch_id", "site", "culture_day", "n", "tvc", "fold_expansion", "pdl")
    shown = views.figures("kpi_growth", *columns, "doubling_time_hours", product_code="GRO")
    assert shown == [("G1", "north", 2.0, 3, 100.0, 4.0, 2.0, None)]
