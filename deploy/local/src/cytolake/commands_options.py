"""What commands share: their common options, and how they find the gateway."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cytolake.client import Gateway

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="CYTOLAKE_HOME", help="The stack's home folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DEFAULT_HOME = Path(".cytolake")


def gateway_of(home: Path) -> Gateway:
    """Return a client: of the gateway that the environment names, else of the home's stack."""
    if {"CYTOLAKE_GATEWAY_URL", "CYTOLAKE_API_KEY"} <= os.environ.keys():
        return Gateway.at(os.environ)
    # Late: the stack's modules take a while to import and an explicit gateway needs none.
    from cytolake.stack import Stack  # noqa: PLC0415

    return Gateway.at(Stack.at(home).env())
