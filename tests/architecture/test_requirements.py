"""What is committed for images and audits is what the workspace resolves to (ADR 0002)."""

from __future__ import annotations

import re
from difflib import unified_diff

import pytest

from deploy.requirements.export import FILES, FOLDER, exported
from tests.architecture.tree import members

REFRESH = "run `uv run python deploy/requirements/export.py`, commit it, then `uv sync`"


@pytest.mark.parametrize("name", FILES)
def test_requirements_are_as_exported(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    difference = list(unified_diff(written, exported(name).splitlines(), lineterm="", n=0))
    assert difference == [], REFRESH


def test_every_deployable_has_its_file_and_no_other_is_there() -> None:
    assert {path.name for path in FOLDER.glob("*.txt")} == set(FILES)
    libraries = {"contracts", "runtime"}
    assert {member.name for member in members()} - libraries == {
        name.removesuffix(".txt") for name in FILES
    } - {"dev"}


@pytest.mark.parametrize("name", FILES)
def test_every_version_has_hashes_and_no_line_an_address(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    entries = re.findall(r"(?m)^\S+==\S+( ; .+)? \\\n    --hash=sha256:[0-9a-f]{64}", text)
    assert len(entries) == len(re.findall(r"(?m)^[^\s#]", text)) > 0
    assert not re.search(r"://|@|file:", text)
