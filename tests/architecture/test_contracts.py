"""One contract per dataset is the only place where its meaning is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cytolake.cli import app
from cytolake.contract_files import CONTRACTS, artefacts, differences, write
from cytolake.contract_releases import RELEASED, version_faults
from tests.architecture.tree import ROOT

SOME = (
    "raw/measurement.odcs.yaml",
    "curated/dim_sample.odcs.yaml",
    "marts/mart_cell_growth.odcs.yaml",
)
GROWTH = CONTRACTS / "marts" / "mart_cell_growth.odcs.yaml"
MEASUREMENT = CONTRACTS / "raw" / "measurement.odcs.yaml"
LIMIT, LOWER = "{min_value: 0, max_value: 100}", "{min_value: 0, max_value: 99}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give some of our contracts, and what derives from them."""
    root = tmp_path_factory.mktemp("checkout")
    for name in SOME:
        (root / CONTRACTS / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / CONTRACTS / name, root / CONTRACTS / name)
    write(root, artefacts(root))
    return root


@pytest.fixture
def checkout(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "checkout")


def said(root: Path, *words: str) -> tuple[int, str]:
    """Return exit code and output of `cytolake contracts …`."""
    result = CliRunner().invoke(app, ["contracts", *words, "--root", str(root)])
    return result.exit_code, result.output


def test_every_derived_file_is_as_the_contracts_say() -> None:
    found = [str(difference.path) for difference in differences(ROOT, artefacts(ROOT))]
    assert found == [], "run `uv run cytolake contracts build`"


def test_every_version_says_what_changed_since_the_release() -> None:
    assert (ROOT / RELEASED).is_dir()
    assert version_faults(ROOT, None) == []


@pytest.mark.parametrize(
    ("contract", "follow"),
    [
        (
            GROWTH,
            [
                "contracts/derived/gx/expectations/mart_cell_growth.json",
                "contracts/derived/postgres/mart_cell_growth.sql",
                "dbt/models/marts/mart_cell_growth.yml",
                "docs/reference/datasets/mart_cell_growth.md",
            ],
        ),
        (
            MEASUREMENT,
            [
                "contracts/derived/gx/expectations/measurement.json",
                "dbt/models/raw/_raw__sources.yml",
                "docs/reference/datasets/measurement.md",
            ],
        ),
    ],
    ids=["mart", "raw"],
)
def test_one_limit_changes_all_that_speak_of_it_and_nothing_else(
    built: Path, checkout: Path, contract: Path, follow: list[str]
) -> None:
    text = (checkout / contract).read_text(encoding="utf-8")
    assert text.count(LIMIT) == 1
    (checkout / contract).write_text(text.replace(LIMIT, LOWER), encoding="utf-8")
    assert [str(path) for path in write(checkout, artefacts(checkout))] == follow
    for path in follow:
        changed = set((checkout / path).read_text().splitlines())
        lines = changed - set((built / path).read_text().splitlines())
        assert len(lines) == 1, path
        assert "99" in lines.pop(), path
    assert said(checkout, "check")[0] == 0


def test_every_hand_edit_is_named_with_what_mends_it(checkout: Path) -> None:
    edited = [
        "contracts/derived/arrow/measurement.json",
        "contracts/derived/gx/checkpoints/mart_cell_growth.json",
        "contracts/derived/postgres/mart_cell_growth.sql",
        "dbt/models/curated/dim_sample.yml",
        "docs/reference/datasets.md",
    ]
    for path in edited:
        with (checkout / path).open("a", encoding="utf-8") as file:
            file.write("-- by hand\n")
    code, output = said(checkout, "check")
    assert code == 1
    assert [path for path in edited if f"{path} differs" not in output] == []
    assert output.count("--- by hand") == len(edited)
    assert "uv run cytolake contracts build" in output
    code, output = said(checkout, "build")
    assert output.splitlines() == [*(f"written: {path}" for path in edited), "5 files written"]
    assert said(checkout, "check")[0] == 0


def test_what_no_contract_leads_to_is_named_and_removed(checkout: Path) -> None:
    stranger = checkout / "contracts/derived/postgres/mart_gone.sql"
    stranger.write_text("SELECT 1;\n")
    code, output = said(checkout, "check")
    assert (code, "mart_gone.sql no contract leads to it" in output) == (1, True)
    assert said(checkout, "build")[0] == 0
    assert not stranger.exists()


def test_unit_tests_in_a_derived_file_are_not_lost(checkout: Path) -> None:
    path = checkout / "dbt/models/curated/dim_sample.yml"
    path.write_text(path.read_text() + "\nunit_tests: []\n")
    code, output = said(checkout, "build")
    assert code == 1
    assert "dim_sample__unit_tests.yml" in output
    assert "unit_tests: []" in path.read_text()


def test_a_change_asks_for_its_version_and_beside_for_a_breaking_one(checkout: Path) -> None:
    assert said(checkout, "release") == (0, "3 contracts released\n")
    path = checkout / GROWTH
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(LIMIT, LOWER), encoding="utf-8")
    said(checkout, "build")
    code, output = said(checkout, "check")
    assert code == 1
    assert "rule viability_is_a_percentage changed. Raise its version from 1.1.0 to 1.2.0" in output
    assert "Raise its version" in said(checkout, "release")[1]

    path.write_text(text.replace("name: pdl", "name: doublings"), encoding="utf-8")
    code, output = said(checkout, "check", "--against", str(checkout / RELEASED))
    assert code == 1
    assert "column pdl is gone" in output
    assert "write mart_cell_growth_v2 beside" in output


def test_a_revision_that_is_none_is_told(checkout: Path) -> None:
    code, output = said(checkout, "check", "--against", "no-such-revision")
    assert code == 1
    assert "neither a folder nor a revision" in output
