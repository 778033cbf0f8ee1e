"""What `cytolake check` makes of dbt's own words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cytolake import commands_check
from cytolake.errors import StackError
from cytolake.lake_proof import LastProof
from cytolake.lake_tests import DataTest, results_of

RESULTS = {
    "results": [
        {"unique_id": "test.cytolake.unique_a.1f", "status": "pass", "failures": 0},
        {
            "unique_id": "test.cytolake.not_null_b.2e",
            "status": "fail",
            "failures": 3,
            "message": "Got 3 results",
        },
    ]
}


def test_what_is_wrong_comes_first() -> None:
    bad, good = results_of(RESULTS)
    assert bad == DataTest("not_null_b", "fail", 3, "Got 3 results")
    assert (good.name, good.is_good, bad.is_good) == ("unique_a", True, False)


AT = datetime(2026, 11, 27, 2, tzinfo=UTC)


def test_what_the_proof_found_is_a_sentence() -> None:
    assert LastProof(AT, ()).sentence.endswith("2026-11-27 02:00 UTC: nothing differed")
    assert LastProof(AT, ("mart_result",)).sentence.endswith("made anew: mart_result")


def run(monkeypatch: pytest.MonkeyPatch, home: Path, found: list[DataTest] | StackError) -> int:
    def run_data_tests(_: object) -> list[DataTest]:
        if isinstance(found, StackError):
            raise found
        return found

    monkeypatch.setattr(commands_check, "run_data_tests", run_data_tests)
    monkeypatch.setattr(commands_check, "last_proof", lambda _: LastProof(AT, ()))
    app = typer.Typer()
    commands_check.register(app)
    return CliRunner().invoke(app, ["--home", str(home)]).exit_code


def test_the_exit_code_says_how_it_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = results_of(RESULTS)
    assert run(monkeypatch, tmp_path, found) == 1
    assert run(monkeypatch, tmp_path, found[1:]) == 0
    assert run(monkeypatch, tmp_path, StackError("no lake")) == 2
