"""Imports run one way. The rules are in `[tool.importlinter]`."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from tests.architecture.tree import ROOT, members


def test_imports_run_one_way() -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_every_distribution_is_under_the_rules() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    packages = {
        path.parent.name for member in members() for path in (member / "src").glob("*/__init__.py")
    }
    assert packages == set(settings["root_packages"])
