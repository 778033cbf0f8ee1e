"""What `cytolake demo` does: which stack, which view, and what is left running."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console

from cytolake.commands_options import stack_of
from cytolake.demo import Shown, as_data, show
from cytolake.demo_report import growth_table, print_wrong, what_next
from cytolake.demo_view import LineView, LiveView, View

ERRORS = Console(stderr=True)


def run(home: Path, *, keep: bool, seed: int, as_json: bool) -> bool:
    """Show the demo; return whether it went as it was meant to."""
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
    return shown.is_as_meant


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
