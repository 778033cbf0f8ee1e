"""`cytolake dead`: messages that no service could work on, and another try for them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, stack_of
from cytolake.dead_letters import (
    NatsStream,
    NoSuchLetterError,
    StoredLetter,
    as_json,
    dead_stream,
    letter,
    letters,
    replay_of,
)

dead = typer.Typer(
    no_args_is_help=True,
    help="Messages that no service could work on: list them, read one, send one again.",
)
NumberArgument = Annotated[int, typer.Argument(help="The letter's number, from `dead list`.")]


def register(app: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    app.add_typer(dead, name="dead")


@dead.command("list")
def list_letters(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """List every dead letter, oldest first."""
    found = _with_stream(home, _all)
    if as_data:
        typer.echo(json.dumps([as_json(stored) for stored in found], indent=2))
        return
    Console().print(_table(found) if found else "No dead letters.")


@dead.command("show")
def show_letter(
    number: NumberArgument, home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False
) -> None:
    """Show one dead letter whole: the message, the error and its traceback."""
    stored = _with_stream(home, lambda stream: letter(stream, number))
    if as_data:
        typer.echo(json.dumps(as_json(stored), indent=2))
        return
    it = stored.letter
    lines = [
        f"[bold]dead letter {stored.number}[/] of {it.service}, {it.time:%Y-%m-%d %H:%M:%S} UTC",
        f"message {it.sequence} of {it.stream} ({it.subject}), delivered {it.deliveries} times",
    ]
    console = Console()
    console.print("\n".join(lines))
    console.print(it.traceback or f"{it.error_type}: {it.message}", markup=False)
    console.print(stored.body.decode(errors="replace"), markup=False)


@dead.command("replay")
def replay_letters(
    numbers: Annotated[list[int] | None, typer.Argument(help="Letters to send again.")] = None,
    *,
    home: HomeOption = DEFAULT_HOME,
    every: Annotated[bool, typer.Option("--all", help="Every letter there is.")] = False,
) -> None:
    """Send messages again: a run that failed goes on from where it stood."""
    if not numbers and not every:
        raise typer.BadParameter("name the letters, or say --all")

    async def send(stream: NatsStream) -> list[StoredLetter]:
        chosen = await _all(stream) if every else [await letter(stream, n) for n in numbers or []]
        for stored in chosen:
            await stream.publish(replay_of(stored, attempt=f"replay-{time.time_ns()}"))
        return chosen

    for stored in _with_stream(home, send):
        typer.echo(f"sent again: {stored.number} ({stored.letter.subject})")


async def _all(stream: NatsStream) -> list[StoredLetter]:
    return [stored async for stored in letters(stream)]


def _with_stream[R](home: Path, work: Callable[[NatsStream], Awaitable[R]]) -> R:
    blueprint = stack_of(home).blueprint
    url, password = blueprint.nats_url, blueprint.credentials.nats["operator"]

    async def connected() -> R:
        async with dead_stream(url, password) as stream:
            return await work(stream)

    try:
        return asyncio.run(connected())
    except NoSuchLetterError as error:
        raise typer.BadParameter(str(error)) from error
    except OSError as error:
        typer.echo(f"NATS does not answer at {url}: is the stack up? ({error})", err=True)
        raise typer.Exit(2) from error


def _table(found: list[StoredLetter]) -> Table:
    table = Table("no.", "since (UTC)", "service", "subject", "error", title="Dead letters")
    for stored in found:
        it = stored.letter
        said = f"{it.error_type}: {it.message}"
        table.add_row(
            str(stored.number), f"{it.time:%m-%d %H:%M:%S}", it.service, it.subject, said[:120]
        )
    return table
