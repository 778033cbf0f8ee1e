"""dbt as a process of its own, on one of the project's two targets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from cytolake.blueprint import Blueprint
from cytolake.processes import dbt_project
from cytolake.supervisor import base_environment

FAULT_LINES = 25


def run_dbt(
    blueprint: Blueprint,
    *command: str,
    target: str,
    folder: Path,
    connection: Mapping[str, str],
) -> subprocess.CompletedProcess[str]:
    """Run a command of dbt to its end; what it makes is in `folder`, its log among the stack's."""
    project = dbt_project()
    return subprocess.run(
        [
            *(sys.executable, "-m", "cytolake_transformer.dbt_cli", "--no-use-colors", *command),
            *("--target", target, "--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target-path", str(folder), "--log-path", str(blueprint.home.logs / "dbt")),
        ],
        cwd=project,
        env={**base_environment(), **connection},
        capture_output=True,
        text=True,
        check=False,
    )


def last_words(done: subprocess.CompletedProcess[str]) -> str:
    """Return the end of what dbt said."""
    return "\n".join((done.stdout + done.stderr).splitlines()[-FAULT_LINES:])
