"""`cytolake layout`: what it prints, what it refuses, and where a layout goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cytolake.cli import app

EXAMPLES = Path(__file__).parents[4] / "docs" / "examples"
COUNTER = [str(EXAMPLES / f"SYNTHETIC-zellzaehler-{day}.csv") for day in ("D03", "D05")]


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["layout", *words], env={"COLUMNS": "200"})
    return done.exit_code, done.output


@pytest.fixture
def drafted(tmp_path: Path) -> Path:
    code, _ = run("propose", *COUNTER, "--name", "counter", "--output", str(tmp_path))
    assert code == 0
    return tmp_path / "counter.layout.yaml"


def test_a_layout_is_drafted_added_and_shown(tmp_path: Path, drafted: Path) -> None:
    home = ("--home", str(tmp_path / "home"))
    code, said = run("add", str(drafted), *home)
    assert (code, "layout counter added" in said) == (0, True)
    code, said = run("list", "--json", *home)
    found = {row["name"]: row["shipped"] for row in json.loads(said)}
    assert (found["counter"], found["sample_list"]) == (False, True)
    assert run("show", "counter", *home) == (0, drafted.read_text())
    assert (tmp_path / "home" / "layouts" / "layout.schema.json").is_file()
    assert "changed" in run("add", str(drafted), *home)[1]


def test_a_draft_is_not_written_over_another(tmp_path: Path, drafted: Path) -> None:
    drafted.write_text("# mine")
    code, said = run("propose", *COUNTER, "--name", "counter", "--output", str(tmp_path))
    assert (code, "is not overwritten" in said) == (1, True)
    assert drafted.read_text() == "# mine"


def test_a_layout_with_a_fault_is_refused_with_its_line(tmp_path: Path, drafted: Path) -> None:
    drafted.write_text(drafted.read_text().replace("kind: csv", "kind: pdf"))
    code, said = run("add", str(drafted), "--home", str(tmp_path / "home"))
    assert (code, "counter.layout.yaml, line 11, file.kind:" in said) == (1, True)


def test_a_shipped_name_is_taken(tmp_path: Path) -> None:
    text = run("show", "sample_list")[1]
    path = tmp_path / "sample_list.layout.yaml"
    path.write_text(text)
    code, said = run("add", str(path), "--home", str(tmp_path / "home"))
    assert (code, "shipped layout's name" in said) == (1, True)


def test_an_unknown_layout_is_named(tmp_path: Path) -> None:
    code, said = run("show", "nothing", "--home", str(tmp_path))
    assert (code, "there is no layout 'nothing'" in said) == (1, True)


def test_a_file_that_differs_is_told_as_a_difference(tmp_path: Path, drafted: Path) -> None:
    renamed = tmp_path / "renamed.csv"
    text = Path(COUNTER[0]).read_text().replace("Proben-ID", "Probennummer")
    renamed.write_text(text)
    code, said = run("test", str(drafted), str(renamed), "--json")
    (told,) = json.loads(said)
    assert (code, told["reason_code"], told["rows"]) == (1, "MISSING_COLUMN", [])
    assert "'Probennummer' is the new name of Proben-ID" in told["message"]


@pytest.mark.slow
def test_rows_unread_cells_and_broken_rules_are_shown(tmp_path: Path, drafted: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(Path(COUNTER[0]).read_text().replace("96,4", "964"))
    code, said = run("test", str(drafted), COUNTER[1], str(wrong))
    assert code == 1
    for words in (
        "6 rows, would be loaded",
        "would go to quarantine",
        "block: viability_is_a_percentage",
        "3 not read:",
        "Ende des Berichts",
    ):
        assert words in said


@pytest.mark.slow
def test_a_layout_of_large_files_is_tried_by_streaming(tmp_path: Path) -> None:
    body = tmp_path / "reactor.csv"
    body.write_text(
        "Time,Batch ID,Vessel,pH,Odd\n2026-03-21 10:00,SYN-B1,V1,7.1,x\n"
        "2026-03-21 10:01,SYN-B1,V1,7.2,y\n"
    )
    code, said = run("test", "ambr_like", str(body), "--json")
    (told,) = json.loads(said)
    assert (code, told["count"], told["unread"]) == (0, 2, ["column Odd"])
    assert [(row["tag"], row["value_num"]) for row in told["rows"]] == [("ph", 7.1), ("ph", 7.2)]


def test_a_zone_that_is_none(drafted: Path) -> None:
    code, said = run("test", str(drafted), COUNTER[0], "--timezone", "Berlin")
    assert (code, "is no IANA time zone" in said) == (1, True)
