"""`cytolake source add` and `source list`: who may send files, and how they are read."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption
from cytolake.commands_stack import in_words
from cytolake.provision.policies import INBOUND
from cytolake.sources import AddedSource, SourceSettings, add_source, list_sources
from cytolake.stack import Stack

app = typer.Typer(no_args_is_help=True, help="Register the senders of files and list them.")

NameArgument = Annotated[str, typer.Argument(help="Name: the first part of its files' keys.")]
VendorOption = Annotated[
    str | None, typer.Option(help="Allotropy vendor, e.g. BECKMAN_VI_CELL_BLU; detected without.")
]
LayoutOption = Annotated[str | None, typer.Option(help="A declared layout, e.g. sample_list.")]
TimezoneOption = Annotated[str | None, typer.Option(help="IANA zone of times that name none.")]
SiteOption = Annotated[str | None, typer.Option(help="Site code, if not this stack's own.")]


@app.command("add")
def add(
    name: NameArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    vendor: VendorOption = None,
    layout: LayoutOption = None,
    timezone: TimezoneOption = None,
    site: SiteOption = None,
    as_data: JsonOption = False,
) -> None:
    """Register a source and print its own API key and S3 key, once."""
    settings = SourceSettings(vendor=vendor, layout=layout, timezone=timezone, site=site)
    with in_words():
        added = add_source(Stack.existing(home).blueprint, name, settings)
    if as_data:
        typer.echo(json.dumps(added.as_data(), indent=2))
    else:
        _print(name, added)


@app.command("list")
def list_all(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """List the registered sources."""
    with in_words():
        found = list_sources(Stack.existing(home).blueprint)
    if as_data:
        typer.echo(json.dumps(found, indent=2))
        return
    columns = ("name", "site", "vendor", "layout", "timezone", "revision")
    table = Table(*columns, box=None)
    for source in found:
        table.add_row(*(str(source.get(column) or "") for column in columns))
    Console().print(table)


def _print(name: str, added: AddedSource) -> None:
    typer.echo(f"source {name}: {INBOUND}/{name}/…")
    if added.api_key is None and added.s3_key is None:
        typer.echo("registered before; its keys were shown then")
    if added.api_key:
        typer.echo(f"  API key       {added.api_key}")
    if added.s3_key:
        typer.echo(f"  S3 access key {added.s3_key.access_key}")
        typer.echo(f"  S3 secret key {added.s3_key.secret_key}")
        typer.echo(f"The S3 key can put below {INBOUND}/{name}/ and do nothing else.")
    if added.api_key or added.s3_key:
        typer.echo("Keep them now: they are not shown again.")
