"""`cytolake demo` on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption

KeepOption = Annotated[bool, typer.Option("--keep", help="Leave the stack running at the end.")]
SeedOption = Annotated[int, typer.Option(help="The same seed, the same batch.")]


def register(app: typer.Typer) -> None:
    """Mount the command on the CLI."""
    app.command("demo")(demo)


def demo(
    home: HomeOption = DEFAULT_HOME,
    *,
    keep: KeepOption = False,
    seed: SeedOption = 7,
    as_json: JsonOption = False,
) -> None:
    """Send a synthetic CAR-T batch through the whole stack and show what becomes of it.

    Stops the stack at its end unless --keep is given or it was running before. The data stay.
    """
    # Late: no other command should wait for what this one imports.
    from cytolake.demo_run import run  # noqa: PLC0415

    if not run(home, keep=keep, seed=seed, as_json=as_json):
        raise typer.Exit(1)
