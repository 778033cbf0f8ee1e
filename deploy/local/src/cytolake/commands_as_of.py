"""`cytolake as-of`: ask the lake as it was at a time, at a snapshot, or as a batch was released."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cytolake.as_of import Answer, ask
from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, in_words, stack_of

SHOWN_ROWS = 200


def register(app: typer.Typer) -> None:
    """Mount the command on the CLI."""
    app.command("as-of")(as_of)


def as_of(
    when: Annotated[
        str,
        typer.Argument(
            metavar="BATCH|TIME|SNAPSHOT",
            help="A released batch, a time (ISO 8601, UTC unless it says so), or a snapshot.",
        ),
    ],
    query: Annotated[
        str, typer.Argument(help="SQL over the lake's tables: mart_*, curated.*, raw.*.")
    ],
    home: HomeOption = DEFAULT_HOME,
    *,
    as_data: JsonOption = False,
) -> None:
    """Ask the lake as a batch was released, or at the last build that had ended by then."""
    with in_words(exit_code=2), Console(stderr=True).status(f"reading the lake as of {when}"):
        answer = ask(stack_of(home).blueprint, when, query)
    if as_data:
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        told = {"snapshot": answer.snapshot.number, "at": answer.snapshot.at, "rows": rows}
        typer.echo(json.dumps(told, indent=2, default=str))
    else:
        _print(answer)


def _print(answer: Answer) -> None:
    at = f"{answer.snapshot.at:%Y-%m-%d %H:%M:%S} UTC"
    table = Table(*answer.columns, title=f"as of snapshot {answer.snapshot.number}, {at}")
    for row in answer.rows[:SHOWN_ROWS]:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)
    if len(answer.rows) > SHOWN_ROWS:
        typer.echo(f"{SHOWN_ROWS} of {len(answer.rows)} rows; --json prints all", err=True)
