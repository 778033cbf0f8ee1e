"""dbt's data tests on the lake as it is, with the checker's rights: they read, nothing changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cytolake.blueprint import DATABASE, REGION, Blueprint
from cytolake.dbt_process import last_words, run_dbt
from cytolake.errors import StackError

USER = "checker"
GOOD = frozenset({"pass", "skipped"})


@dataclass(frozen=True, slots=True)
class DataTest:
    """One data test: its name, how it ended (pass, warn, fail, error), what it found."""

    name: str
    status: str
    failing_rows: int
    message: str

    @property
    def is_good(self) -> bool:
        return self.status in GOOD


def run_data_tests(blueprint: Blueprint) -> list[DataTest]:
    """Run every data test; raise StackError, with the end of dbt's words, when it cannot."""
    folder = blueprint.home.data / "dbt-check"
    results = folder / "run_results.json"
    results.unlink(missing_ok=True)
    done = run_dbt(
        blueprint,
        *("test", "--select", "test_type:data"),
        target="lake",
        folder=folder,
        connection=lake_connection(blueprint),
    )
    if not results.exists():
        raise StackError(f"dbt could not test the lake:\n{last_words(done)}")
    return results_of(json.loads(results.read_text()))


def results_of(run_results: dict[str, Any]) -> list[DataTest]:
    """Return what dbt's `run_results.json` says, what is wrong first."""
    found = [
        DataTest(
            name=str(result["unique_id"]).split(".")[2],
            status=str(result["status"]),
            failing_rows=int(result.get("failures") or 0),
            message=str(result.get("message") or ""),
        )
        for result in run_results["results"]
    ]
    return sorted(found, key=lambda one: (one.is_good, one.name))


def lake_connection(blueprint: Blueprint) -> dict[str, str]:
    """Name the lake as the transformer does; the passwords are in nobody's argv."""
    key, port = blueprint.credentials.s3[USER], blueprint.ports["postgres"]
    return {
        "CYTOLAKE_LAKE_CATALOG": (
            f"ducklake:postgres:host=127.0.0.1 port={port} dbname={DATABASE} user={USER}"
        ),
        "PGPASSWORD": blueprint.credentials.postgres[USER],
        "CYTOLAKE_S3_ENDPOINT": blueprint.s3_endpoint,
        "CYTOLAKE_S3_ACCESS_KEY": key.access_key,
        "CYTOLAKE_S3_SECRET_KEY": key.secret_key,
        "CYTOLAKE_S3_REGION": REGION,
    }
