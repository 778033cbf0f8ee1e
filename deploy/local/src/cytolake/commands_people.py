"""`cytolake person`: who may decide, in which role, and an end to it."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cytolake.client_decisions import Decisions
from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, gateway_of, told

app = typer.Typer(no_args_is_help=True, help="Add the people who decide, list and revoke them.")
NameArgument = Annotated[str, typer.Argument(help="One human being, e.g. jane.doe; for good.")]
RoleOption = Annotated[
    list[str], typer.Option("--role", help="reviewer, operator or viewer; may be repeated.")
]


def register(root: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    root.add_typer(app, name="person")


@app.command("add")
def add(
    name: NameArgument,
    role: RoleOption,
    home: HomeOption = DEFAULT_HOME,
    *,
    as_data: JsonOption = False,
) -> None:
    """Add a person and print its API key: this once, only its hash is kept."""
    with told():
        added = Decisions(gateway_of(home)).add_person(name, role)
    if as_data:
        typer.echo(json.dumps(added, indent=2))
        return
    typer.echo(f"{added['name']} is {', '.join(added['roles'])}. The key, told this once:")
    typer.echo(f"export CYTOLAKE_PERSON_KEY={added['api_key']}")


@app.command("list")
def list_people(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """List everybody who was ever added."""
    with told():
        found = Decisions(gateway_of(home)).people()
    if as_data:
        typer.echo(json.dumps(found, indent=2))
        return
    table = Table("name", "roles", "added by", "revoked")
    for one in found:
        revoked = f"{one['revoked_at']} by {one['revoked_by']}" if one["revoked_at"] else ""
        table.add_row(one["name"], ", ".join(one["roles"]), one["added_by"], revoked)
    Console().print(table if found else "Nobody yet.")


@app.command("revoke")
def revoke(name: NameArgument, home: HomeOption = DEFAULT_HOME) -> None:
    """End a person's rights and keys; what it decided stays, and so does its name."""
    with told():
        Decisions(gateway_of(home)).revoke(name)
    typer.echo(f"{name} may do nothing from now on.")
