"""`cytolake up`, `down`, `status` and `env`: the stack itself."""

from __future__ import annotations

import json
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table

from cytolake.blueprint import StoreKind
from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, in_words
from cytolake.errors import StackError
from cytolake.stack import ProcessStatus, Stack

TOLD = Console(stderr=True, highlight=False)
STYLES = {"ready": "green", "failed": "red", "stopped": "dim"}
WATCH_SECONDS = 1.0

DetachOption = Annotated[
    bool, typer.Option("--detach", "-d", help="Return once everything is ready; `down` stops it.")
]
StoreOption = Annotated[
    StoreKind | None,
    typer.Option("--store", help="Object store of a new home; MinIO if on the PATH."),
]


def register(app: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("env")(env)


def up(
    home: HomeOption = DEFAULT_HOME,
    *,
    detach: DetachOption = False,
    store: StoreOption = None,
) -> None:
    """Start the stack; without --detach it runs until Ctrl-C. What runs already stays."""
    with in_words():
        stack = Stack(home, store=store)
        was_running = stack.is_running
        started = time.monotonic()
        with _steps() as progress:
            stack.up(progress, is_attached=not detach)
        if was_running:
            TOLD.print(f"running already in {stack.home.root}; everything is ready")
            return
        TOLD.print(f"[green]ready[/] after {time.monotonic() - started:.1f} s")
        TOLD.print(f"  gateway  {stack.blueprint.gateway_url}\n  logs     {stack.home.logs}")
        if not detach:
            _stay(stack)


def down(home: HomeOption = DEFAULT_HOME) -> None:
    """Stop the stack; data, ports and secrets stay for the next `up`."""
    with in_words():
        stack = Stack.existing(home)
        if not stack.is_running:
            TOLD.print("not running")
            return
        with _steps() as progress:
            stack.down(progress)
        TOLD.print("stopped; the data stay")


def status(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """Show every process: id, state, since when, restarts, and what it waits for."""
    with in_words():
        found = Stack.existing(home).processes()
    if as_data:
        typer.echo(json.dumps([_as_data(one) for one in found], indent=2))
    else:
        Console().print(_table(found))


def env(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """Print what clients need, for `eval "$(cytolake env)"`; it holds keys: do not publish it."""
    with in_words():
        found = Stack.existing(home).env()
    if as_data:
        typer.echo(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            typer.echo(f"export {name}={shlex.quote(value)}")


@contextmanager
def _steps() -> Iterator[_Steps]:
    steps = _Steps()
    with steps.status:
        yield steps
        steps.finish()


class _Steps:
    """Shows the present step with a spinner, and each finished one with its seconds."""

    def __init__(self) -> None:
        self.status = Status("", console=TOLD)
        self._step = ""
        self._since = time.monotonic()

    def __call__(self, step: str) -> None:
        self.finish()
        self._step, self._since = step, time.monotonic()
        self.status.update(step)

    def finish(self) -> None:
        if self._step:
            TOLD.print(f"  {self._step:<44} {time.monotonic() - self._since:5.1f} s")
        self._step = ""


def _stay(stack: Stack) -> None:
    """Wait for Ctrl-C or SIGTERM, then stop everything; say so if the stack ends by itself."""
    TOLD.print("Ctrl-C stops it")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while stack.is_running:
            time.sleep(WATCH_SECONDS)
        raise StackError(f"the stack has ended by itself; see {stack.home.logs}")
    except KeyboardInterrupt:
        with _steps() as progress:
            stack.down(progress)


def _as_data(one: ProcessStatus) -> dict[str, object]:
    since = datetime.fromtimestamp(one.since, UTC).isoformat() if one.since else None
    return asdict(one) | {"since": since, "pid": one.pid or None}


def _table(found: list[ProcessStatus]) -> Table:
    table = Table("process", "pid", "state", "since", "restarts", "waits for", box=None)
    for one in found:
        since = datetime.fromtimestamp(one.since).astimezone() if one.since else None
        table.add_row(
            one.name,
            str(one.pid or ""),
            f"[{STYLES.get(one.state, 'yellow')}]{one.state}[/]",
            f"{since:%Y-%m-%d %H:%M:%S}" if since else "",
            str(one.restarts or ""),
            ", ".join(one.waits_for),
        )
    return table
