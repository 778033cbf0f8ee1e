"""`cytolake check`: dbt's data tests on the whole lake, and what its last proof found."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, in_words, stack_of
from cytolake.lake_proof import last_proof
from cytolake.lake_tests import DataTest, run_data_tests


def register(app: typer.Typer) -> None:
    """Mount the command on the CLI."""
    app.command("check")(check)


def check(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """Run dbt's data tests on the whole lake, reading only; exit 1 when one fails.

    And say what was found when the lake was last compared with a build of all of it from scratch.
    """
    with in_words(exit_code=2), Console(stderr=True).status("dbt tests the lake"):
        blueprint = stack_of(home).blueprint
        found, proof = run_data_tests(blueprint), last_proof(blueprint)
    bad = [one for one in found if not one.is_good]
    if as_data:
        told = {"tests": [asdict(one) for one in found], "proof": proof and asdict(proof)}
        typer.echo(json.dumps(told, indent=2, default=str))
    else:
        if bad:
            Console().print(_table(bad))
        typer.echo(f"{len(found) - len(bad)} of {len(found)} data tests passed")
        typer.echo(proof.sentence if proof else "not compared with a build from scratch yet")
    if bad:
        raise typer.Exit(1)


def _table(bad: list[DataTest]) -> Table:
    table = Table("test", "status", "rows", "in dbt's words")
    for one in bad:
        table.add_row(one.name, one.status, str(one.failing_rows), one.message)
    return table
