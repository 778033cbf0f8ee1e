"""The views over the marts (dbt, target `marts`): built again whenever their text changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cytolake.blueprint import DATABASE, Blueprint
from cytolake.dbt_process import last_words, run_dbt
from cytolake.errors import StackError
from cytolake.processes import dbt_project

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
    done = run_dbt(
        blueprint,
        *("run", "--no-write-json", "--no-static-parser", "--select", "path:models/kpi"),
        target="marts",
        folder=blueprint.home.data / "dbt-marts",
        connection=marts_connection(blueprint),
    )
    if done.returncode != 0:
        raise StackError(f"dbt could not build the views over the marts:\n{last_words(done)}")
    blueprint.home.write_private(marker, present)
    return True


def fingerprint(project: Path) -> str:
    """Return the SHA-256 over the names and bytes of what the views are made from."""
    digest = hashlib.sha256()
    for file in sorted(file for pattern in SOURCES for file in project.glob(pattern)):
        digest.update(f"{file.relative_to(project)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


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
