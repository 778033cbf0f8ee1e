"""What is committed for images and audits is what the workspace resolves to (ADR 0002)."""

from __future__ import annotations

import re
import tomllib

import pytest

from deploy.requirements.export import FILES, FOLDER, exported
from tests.architecture.tree import members

REFRESH = "run `uv run python deploy/requirements/export.py`, commit it, then `uv sync`"


@pytest.mark.parametrize("name", FILES)
def test_what_is_needed_is_what_is_exported(name: str) -> None:
    """Of versions only those that we pin: what an index offers of the rest grows by itself."""
    written = _entries((FOLDER / name).read_text(encoding="utf-8"))
    resolved = _entries(exported(name))
    assert written.keys() == resolved.keys(), REFRESH
    pinned = {pin.partition("==")[0] for pin in _pins()} & written.keys()
    assert {one: written[one] for one in pinned} == {one: resolved[one] for one in pinned}, REFRESH


def _entries(text: str) -> dict[str, str]:
    """Return the packages of an exported file and their versions."""
    return dict(re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;]+)", text))


def _pins() -> list[str]:
    settings = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    pins: list[str] = settings["tool"]["uv"]["constraint-dependencies"]
    return pins


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
