"""Versions are decided once: at the root, without a lock file (ADR 0002)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from tests.architecture.tree import ROOT, members, relative, tracked

LOCK_FILES = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pylock.toml"}


def _project(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text())


def _pins(requirements: list[str]) -> dict[str, str]:
    found = (re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?==(.+)", line) for line in requirements)
    return {match[1].lower(): match[2].strip() for match in found if match}


def test_a_pin_means_the_same_everywhere() -> None:
    root = _pins(_project(ROOT)["tool"]["uv"]["constraint-dependencies"])
    differing = {
        f"{relative(folder)}: {name}=={version}"
        for folder in members()
        for name, version in _pins(_project(folder)["project"]["dependencies"]).items()
        if root.get(name) != version
    }
    assert differing == set()


def test_the_date_that_fixes_the_rest_is_absolute() -> None:
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _project(ROOT)["tool"]["uv"]["exclude-newer"]
    )


def test_no_lock_file_is_committed() -> None:
    assert [relative(file) for file in tracked() if file.name in LOCK_FILES] == []


def test_the_root_installs_every_member() -> None:
    named = {_project(folder)["project"]["name"] for folder in members()}
    root = _project(ROOT)
    assert named == set(root["project"]["dependencies"])
    assert named == set(root["tool"]["uv"]["sources"])
