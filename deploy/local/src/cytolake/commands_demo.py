"""`cytolake demo` on the command line: which stack, which view, and what is left running."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, stack_of
from cytolake.demo import Shown, as_data, show
from cytolake.demo_report import growth_table, print_wrong, what_next
from cytolake.demo_view import LineView, LiveView, View

ERRORS = Console(stderr=True)
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
    stack = stack_of(home)
    keeps_running = keep or stack.is_running
    try:
        shown = show(stack, _view(as_json=as_json), seed=seed)
        following = what_next(stack.env(), keeps_running=keeps_running)
    finally:
        if not keeps_running:
            ERRORS.print("stopping the stack, the data stay", style="dim")
            stack.down()
    if as_json:
        typer.echo(json.dumps(as_data(shown, following), indent=2))
    else:
        _print(Console(), shown, following)
    if not shown.is_as_meant:
        raise typer.Exit(1)


def _view(*, as_json: bool) -> View:
    if as_json:
        return LineView(lambda line: typer.echo(line, err=True))
    console = Console()
    return LiveView(console) if console.is_terminal else LineView(typer.echo)


def _print(console: Console, shown: Shown, following: dict[str, str]) -> None:
    console.print()
    console.print(growth_table(shown.batch_id, shown.growth))
    console.print("\n[bold]What went wrong, and why[/]")
    print_wrong(console, shown.wrong, shown.told)
    console.print("\n[bold]Next[/]")
    for words, what in following.items():
        console.print(f"  {words}:", style="dim", highlight=False)
        console.print(f"    {what}", markup=False, highlight=False, soft_wrap=True)
    seconds = shown.seconds
    console.print(
        f"\nstack ready after {seconds['stack_up']:.1f} s, {len(shown.journeys)} files in "
        f"{seconds['files']:.1f} s, {seconds['all']:.1f} s in all; all data SYNTHETIC",
        highlight=False,
    )
