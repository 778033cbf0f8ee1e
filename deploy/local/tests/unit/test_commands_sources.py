"""`source …` as a user types it, against the real gateway over memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from cytolake import commands_sources, sources
from cytolake_contracts import KnownShape
from cytolake_ingest_gateway.api.testing import MemoryGateway

FILE = """
sources:
  - name: vicell-1
    vendor: BECKMAN_VI_CELL_BLU
    timezone: Europe/Berlin
    instrument: Vi-CELL 3
    owner: QC
    file_names: ["*.csv"]
    freshness_hours: 72
  - name: samples
    layout: sample_list
"""


@dataclass
class Shell:
    """Runs `source` commands on one gateway."""

    gateway: MemoryGateway = field(default_factory=MemoryGateway)

    def ask(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        del arguments["timeout"], arguments["headers"]

        async def answer() -> httpx.Response:
            async with self.gateway.client() as client:
                return await client.request(method, url, **arguments)

        return asyncio.run(answer())

    def __call__(self, *words: str) -> tuple[int, str]:
        result = CliRunner().invoke(commands_sources.app, words, env={"COLUMNS": "240"})
        return result.exit_code, result.output


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell()
    credentials = SimpleNamespace(operator_api_key="k")
    blueprint = SimpleNamespace(gateway_url="http://gateway", credentials=credentials)
    stack = SimpleNamespace(existing=lambda _: SimpleNamespace(blueprint=blueprint))
    monkeypatch.setattr(commands_sources, "Stack", stack)
    monkeypatch.setattr("cytolake.sources.httpx.request", made.ask)
    monkeypatch.setattr(sources, "_make_s3_key", lambda *_: None)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(FILE)
    return path


def test_a_file_is_applied_once_and_then_changes_nothing(shell: Shell, file: Path) -> None:
    code, said = shell("apply", str(file))
    assert code == 0, said
    assert "API key" in said
    known = dict(shell.gateway.known)
    assert (known["vicell-1"].owner, known["samples"].layout) == ("QC", "sample_list")
    code, said = shell("apply", str(file))
    assert (code, shell.gateway.known) == (0, known)
    assert said.count("unchanged") == 2


def test_a_dry_run_says_what_would_change_and_does_nothing(shell: Shell, file: Path) -> None:
    shell("apply", str(file))
    known = dict(shell.gateway.known)
    file.write_text(FILE.replace("owner: QC", "owner: Cell lab"))
    code, said = shell("apply", str(file), "--dry-run")
    assert (code, shell.gateway.known) == (0, known)
    assert "changed    vicell-1 (owner: QC → Cell lab)" in said
    shell("apply", str(file))
    assert shell.gateway.known["vicell-1"].owner == "Cell lab"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: [", "no YAML in line"),
        ("a: 1", "a list `sources:`"),
        ("sources:\n- vendor: X", "source 1 has no name"),
        ("sources:\n- name: a\n  colour: red", "a: 'colour' is nothing a source has"),
        ("sources:\n- name: a\n- name: a", "a stands twice"),
        (FILE.replace("BECKMAN_VI_CELL_BLU", "KODAK"), "vicell-1: the gateway refused"),
    ],
)
def test_a_file_with_a_fault_is_not_applied_at_all(
    shell: Shell, file: Path, text: str, words: str
) -> None:
    file.write_text(text)
    code, said = shell("apply", str(file))
    assert code == 1
    assert words in said
    assert shell.gateway.known == {}


def test_an_export_applies_to_the_same(shell: Shell, file: Path) -> None:
    shell("apply", str(file))
    code, said = shell("export")
    assert code == 0
    assert yaml.safe_load(said)["sources"][1]["file_names"] == ["*.csv"]
    file.write_text(said)
    code, said = shell("apply", str(file))
    assert (code, said.count("unchanged")) == (0, 2)


def test_the_example_in_the_docs_applies(shell: Shell) -> None:
    example = Path(__file__).parents[4] / "docs" / "examples" / "sources.yaml"
    code, said = shell("apply", str(example))
    assert code == 0, said
    assert sorted(shell.gateway.known) == ["lims-sample-list", "plate-reader-1", "vicell-3"]


def test_a_change_leaves_the_rest_and_takes_away_what_is_named(shell: Shell, file: Path) -> None:
    shell("apply", str(file))
    code, said = shell("change", "vicell-1", "--layout", "sample_list", "--clear", "owner")
    assert (code, said) == (0, "source vicell-1: revision 2\n")
    changed = shell.gateway.known["vicell-1"]
    assert (changed.vendor, changed.layout, changed.owner) == (None, "sample_list", None)
    assert (changed.timezone, changed.file_names) == ("Europe/Berlin", ("*.csv",))
    assert shell("change", "nobody", "--owner", "QC")[0] == 1
    assert "'colour' is nothing" in shell("change", "vicell-1", "--clear", "colour")[1]


def test_the_list_and_one_source_are_shown(shell: Shell, file: Path) -> None:
    shell("apply", str(file))
    shell.gateway.known_shapes["vicell-1"] = [
        KnownShape(fingerprint="ab" * 32, vendor="V", columns=("Sample ID", "Viability (%)"))
    ]
    code, listed = shell("list")
    assert code == 0
    assert "late" in next(line for line in listed.splitlines() if "vicell-1" in line)
    code, shown = shell("show", "vicell-1")
    assert code == 0
    assert "Vi-CELL 3" in shown
    assert "known shape       abababababab V: Sample ID, Viability (%)" in shown


def test_a_source_is_added_with_all_that_it_can_have(shell: Shell) -> None:
    code, said = shell(
        "add", "a", "--instrument", "I", "--owner", "O", "--file-name", "*.csv",
        "--file-name", "*.txt", "--freshness-hours", "2",
    )  # fmt: skip
    assert code == 0, said
    known = shell.gateway.known["a"]
    assert (known.instrument, known.owner, known.freshness_hours) == ("I", "O", 2)
    assert known.file_names == ("*.csv", "*.txt")
