"""Where a run's time went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cytolake_ingest_gateway.api.stages import stage_times

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(milliseconds: float) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


def test_each_stage_is_measured_from_the_one_before() -> None:
    events = [
        ("mart.loaded", at(900)),
        ("file.landed", at(20)),
        ("file.converted", at(200)),
        ("file.validated", at(260)),
        ("lake.built", at(700)),
    ]
    lengths = [(one.stage, one.milliseconds) for one in stage_times(START, events)]
    assert lengths == [
        ("announce", 20),
        ("convert", 180),
        ("validate", 60),
        ("build", 440),
        ("load", 200),
    ]


def test_a_run_that_ends_early_has_the_stages_it_had() -> None:
    events = [("file.landed", at(20)), ("file.rejected", at(30))]
    assert [one.stage for one in stage_times(START, events)] == ["announce", "convert"]


def test_of_an_answer_told_again_the_first_counts() -> None:
    events = [("file.landed", at(10)), ("lake.built", at(50)), ("lake.built", at(5000))]
    assert stage_times(START, events)[-1].milliseconds == 40


def test_clocks_that_differ_give_no_negative_stage() -> None:
    events = [("file.landed", at(20)), ("file.converted", at(15))]
    assert stage_times(START, events)[-1].milliseconds == 0


def test_other_news_is_no_stage() -> None:
    assert stage_times(START, [("dead.converter", at(5))]) == []


def test_a_file_that_nobody_could_name_was_never_validated() -> None:
    events = [("file.landed", at(20)), ("file.quarantined", at(70))]
    lengths = [(one.stage, one.milliseconds) for one in stage_times(START, events)]
    assert lengths == [("announce", 20), ("convert", 50)]
