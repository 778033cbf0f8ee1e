"""What commands share: their common options, and how they find the gateway."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cytolake.blueprint import StoreKind
from cytolake.client import Gateway
from cytolake.errors import StackError
from cytolake.stack import Stack

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="CYTOLAKE_HOME", help="The stack's home folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DEFAULT_HOME = Path(".cytolake")


def stack_of(home: Path, *, store: StoreKind | None = None) -> Stack:
    """Return the stack of a home; end the command in words when it cannot be one."""
    try:
        return Stack(home, store=store)
    except StackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def gateway_of(home: Path) -> Gateway:
    """Return a client: of the gateway that the environment names, else of the home's stack."""
    if {"CYTOLAKE_GATEWAY_URL", "CYTOLAKE_API_KEY"} <= os.environ.keys():
        return Gateway.at(os.environ)
    return Gateway.at(stack_of(home).env())
