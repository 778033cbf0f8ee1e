"""The views over the marts (dbt, target `marts`): built again whenever their text changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from cytolake.blueprint import DATABASE, Blueprint
from cytolake.errors import StackError
from cytolake.processes import dbt_project
from cytolake.supervisor import base_environment

FAULT_LINES = 25
# What decides the views' text; the lake's models do not.
SOURCES = ("dbt_project.yml", "profiles.yml", "macros/**/*.sql", "models/kpi/**/*.*")


def build_views(blueprint: Blueprint) -> bool:
    """Run dbt unless these very views are there already; tell whether it ran.

    Raises StackError with the end of dbt's own words.
    """
    project = dbt_project()
    if not any((project / "models" / "kpi").glob("**/*.sql")):
        return False
    marker, present = blueprint.home.data / "marts.sha256", fingerprint(project)
    if marker.exists() and marker.read_text() == present:
        return False
    done = subprocess.run(
        _command(blueprint, project),
        cwd=project,
        env=base_environment() | marts_connection(blueprint),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = "\n".join((done.stdout + done.stderr).splitlines()[-FAULT_LINES:])
        raise StackError(f"dbt could not build the views over the marts:\n{words}")
    blueprint.home.write_private(marker, present)
    return True


def fingerprint(project: Path) -> str:
    """Return the SHA-256 over the names and bytes of what the views are made from."""
    digest = hashlib.sha256()
    for file in sorted(file for pattern in SOURCES for file in project.glob(pattern)):
        digest.update(f"{file.relative_to(project)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _command(blueprint: Blueprint, project: Path) -> list[str]:
    home = blueprint.home
    return [
        *(sys.executable, "-m", "cytolake_transformer.dbt_cli", "--no-use-colors", "run"),
        *("--target", "marts", "--select", "path:models/kpi"),
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(home.data / "dbt-marts"), "--log-path", str(home.logs / "dbt")),
    ]


def marts_connection(blueprint: Blueprint) -> dict[str, str]:
    """Name the marts as dbt knows them; the password is in nobody's argv."""
    return {
        "CYTOLAKE_DBT_TARGET": "marts",
        "CYTOLAKE_DBT_MARTS_HOST": "127.0.0.1",
        "CYTOLAKE_DBT_MARTS_PORT": str(blueprint.ports["postgres"]),
        "CYTOLAKE_DBT_MARTS_USER": "dbt_marts",
        "CYTOLAKE_DBT_MARTS_PASSWORD": blueprint.credentials.postgres["dbt_marts"],
        "CYTOLAKE_DBT_MARTS_DBNAME": DATABASE,
    }
