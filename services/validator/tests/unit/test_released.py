"""A decision lets pass what it is about, for its run, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cytolake_contracts import Decision, Release, RuleFailure, TableRef
from cytolake_contracts.datasets import load_contracts
from cytolake_validator.released import after
from cytolake_validator.words import Judged, is_blocked

SAMPLE = load_contracts()["sample"]
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def judged(*rules: str, rows: int = 8) -> Judged:
    table = TableRef(
        dataset="sample",
        contract_version="1.0.0",
        parquet_key="raw/sample/o/2.parquet",
        parquet_sha256="0" * 64,
        rows=rows,
    )
    severities = {rule.id: rule.severity for rule in SAMPLE.rules}
    failures = tuple(
        RuleFailure(
            rule=rule, dataset="sample", severity=severities[rule], message=rule, failing_rows=1
        )
        for rule in rules
    )
    return Judged(table, SAMPLE, failures)


def decision(*released: str, replaces: int | None = None) -> Decision:
    if not released:
        return Decision(
            action="replay", actor="joe", reason="a new parser", decided_at=AT, replaces=replaces
        )
    why = "counted by hand"
    release = Release(actor="jane", reason=why, decided_at=AT, rules=released)
    return Decision(action="release", actor="jane", reason=why, decided_at=AT, release=release)


def test_without_a_decision_a_blocking_rule_blocks() -> None:
    found = judged("volume_is_positive")
    assert after(None, found) is found
    assert is_blocked([after(decision(), found)])


def test_a_released_rule_warns_and_says_who_released_it_and_why() -> None:
    passed = after(decision("sample.volume_is_positive"), judged("volume_is_positive"))
    (warning,) = passed.failures
    assert (warning.severity, warning.released_by) == ("warn", "jane")
    assert "released by jane, 2026-11-23: counted by hand" in warning.message
    assert not is_blocked([passed])


@pytest.mark.parametrize("released", ["sample.batch_id_has_text", "other.volume_is_positive"])
def test_a_rule_that_the_reviewer_did_not_see_broken_still_blocks(released: str) -> None:
    assert is_blocked([after(decision(released), judged("volume_is_positive"))])


def test_a_mere_warning_stays_what_it_is() -> None:
    found = judged("culture_day_is_not_negative")
    assert after(decision("sample.culture_day_is_not_negative"), found) == found


def test_no_rows_pass_only_where_they_take_away_older_ones() -> None:
    empty = judged("has_rows", rows=0)
    passed = after(decision(replaces=1), empty)
    assert not is_blocked([passed])
    assert passed.failures[0].message.endswith(
        "; it has none now: the rows of run 1 are taken away"
    )
    assert is_blocked([after(decision(), empty)])


def test_rows_that_are_broken_are_not_excused_by_what_they_replace() -> None:
    assert is_blocked([after(decision(replaces=1), judged("volume_is_positive"))])
