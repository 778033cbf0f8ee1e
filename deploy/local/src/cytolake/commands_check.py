"""`cytolake check`: dbt's data tests on the whole lake, by hand or by a timer."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, in_words, stack_of
from cytolake.lake_tests import DataTest, run_data_tests


def register(app: typer.Typer) -> None:
    """Mount the command on the CLI."""
    app.command("check")(check)


def check(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """Run dbt's data tests on the whole lake, reading only; exit 1 when one fails."""
    with in_words(exit_code=2), Console(stderr=True).status("dbt tests the lake"):
        found = run_data_tests(stack_of(home).blueprint)
    bad = [one for one in found if not one.is_good]
    if as_data:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        if bad:
            Console().print(_table(bad))
        typer.echo(f"{len(found) - len(bad)} of {len(found)} data tests passed")
    if bad:
        raise typer.Exit(1)


def _table(bad: list[DataTest]) -> Table:
    table = Table("test", "status", "rows", "in dbt's words")
    for one in bad:
        table.add_row(one.name, one.status, str(one.failing_rows), one.message)
    return table
