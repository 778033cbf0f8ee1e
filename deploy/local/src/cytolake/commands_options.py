"""What commands share: their common options, and how they find the gateway."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cytolake.blueprint import StoreKind
from cytolake.client import Gateway, GatewayError
from cytolake.errors import StackError
from cytolake.stack import Stack

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="CYTOLAKE_HOME", help="The stack's home folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why, in words: it stands in the history for good.")
]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until every run has ended.")]
TimeoutOption = Annotated[float, typer.Option(help="Longest wait, seconds.")]
DEFAULT_HOME = Path(".cytolake")
STOPPED = 130
"""What a shell makes of Ctrl-C."""


@contextmanager
def told() -> Iterator[None]:
    """End the command with the gateway's sentence instead of a traceback."""
    try:
        yield
    except (GatewayError, TimeoutError) as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(2) from error


@contextmanager
def in_words(*, exit_code: int = 1) -> Iterator[None]:
    """End the command with the stack's sentence instead of a traceback.

    Another exit code is for commands whose 1 tells what they found.
    """
    try:
        yield
    except StackError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(exit_code) from error


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End a fetching command by Ctrl-C or SIGTERM as a person expects: in words, with 130."""

    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("stopped: what is stored stays, the rest is fetched the next time", err=True)
        raise typer.Exit(STOPPED) from None


def stack_of(home: Path, *, store: StoreKind | None = None) -> Stack:
    """Return the stack of a home; end the command in words when it cannot be one."""
    with in_words(exit_code=2):
        return Stack(home, store=store)


def gateway_of(home: Path) -> Gateway:
    """Return a client: of the gateway that the environment names, else of the home's stack.

    A person's key in CYTOLAKE_PERSON_KEY goes before any other: who decides does so by name.
    """
    is_told = {"CYTOLAKE_GATEWAY_URL", "CYTOLAKE_API_KEY"} <= os.environ.keys()
    environment = dict(os.environ if is_told else stack_of(home).env())
    person_key = os.environ.get("CYTOLAKE_PERSON_KEY")
    return Gateway.at(environment | ({"CYTOLAKE_API_KEY": person_key} if person_key else {}))
