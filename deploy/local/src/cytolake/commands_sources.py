"""`cytolake source …`: who may send files, how they are read, and whether they come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, in_words
from cytolake.errors import StackError
from cytolake.provision.policies import INBOUND
from cytolake.source_files import read_sources, written
from cytolake.sources import (
    SETTINGS,
    AddedSource,
    SourceSettings,
    add_source,
    change_source,
    check_source,
    list_sources,
    register_source,
    show_source,
)
from cytolake.stack import Stack

app = typer.Typer(no_args_is_help=True, help="Register the senders of files and look at them.")

NameArgument = Annotated[str, typer.Argument(help="Name: the first part of its files' keys.")]
VendorOption = Annotated[
    str | None, typer.Option(help="Allotropy vendor, e.g. BECKMAN_VI_CELL_BLU; detected without.")
]
LayoutOption = Annotated[str | None, typer.Option(help="A declared layout, e.g. sample_list.")]
TimezoneOption = Annotated[str | None, typer.Option(help="IANA zone of times that name none.")]
SiteOption = Annotated[str | None, typer.Option(help="Site code, if not this stack's own.")]
InstrumentOption = Annotated[str | None, typer.Option(help="Which device, as people name it.")]
OwnerOption = Annotated[str | None, typer.Option(help="Who answers for it: a person or a team.")]
FileNameOption = Annotated[
    list[str] | None,
    typer.Option("--file-name", help="Pattern of its files' names, e.g. '*.csv'; may be repeated."),
]
FreshnessOption = Annotated[
    float | None, typer.Option("--freshness-hours", help="Late when no file came for so long.")
]
PathArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A YAML file with a list `sources`.")
]


def register(root: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    root.add_typer(app, name="source")


@app.command("add")
def add(  # noqa: PLR0913 - parameters are options here
    name: NameArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    vendor: VendorOption = None,
    layout: LayoutOption = None,
    timezone: TimezoneOption = None,
    site: SiteOption = None,
    instrument: InstrumentOption = None,
    owner: OwnerOption = None,
    file_name: FileNameOption = None,
    freshness_hours: FreshnessOption = None,
    as_data: JsonOption = False,
) -> None:
    """Register a source and print its own API key and S3 key, once."""
    settings = SourceSettings(
        vendor=vendor,
        layout=layout,
        timezone=timezone,
        site=site,
        instrument=instrument,
        owner=owner,
        file_names=tuple(file_name) if file_name else None,
        freshness_hours=freshness_hours,
    )
    with in_words():
        added = add_source(Stack.existing(home).blueprint, name, settings)
    if as_data:
        typer.echo(json.dumps(added.as_data(), indent=2))
    else:
        _print_keys(name, added)


@app.command("change")
def change(  # noqa: PLR0913
    name: NameArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    vendor: VendorOption = None,
    layout: LayoutOption = None,
    timezone: TimezoneOption = None,
    site: SiteOption = None,
    instrument: InstrumentOption = None,
    owner: OwnerOption = None,
    file_name: FileNameOption = None,
    freshness_hours: FreshnessOption = None,
    clear: Annotated[
        list[str] | None, typer.Option(help="Take this away, e.g. vendor; may be repeated.")
    ] = None,
) -> None:
    """Change a source from now on; what is not named stays. Files read before stay as they are."""
    settings = SourceSettings(
        vendor=vendor,
        layout=layout,
        timezone=timezone,
        site=site,
        instrument=instrument,
        owner=owner,
        file_names=tuple(file_name) if file_name else None,
        freshness_hours=freshness_hours,
    )
    with in_words():
        found = change_source(
            Stack.existing(home).blueprint, name, settings, cleared=tuple(clear or ())
        )
    typer.echo(f"source {name}: revision {found['revision']}")


@app.command("list")
def list_all(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """List the registered sources, when each sent its last file, and which are late."""
    with in_words():
        found = list_sources(Stack.existing(home).blueprint)
    if as_data:
        typer.echo(json.dumps(found, indent=2))
        return
    columns = ("name", "site", "vendor", "layout", "timezone", "instrument", "revision")
    table = Table(*columns, "last file", "", box=None)
    for source in found:
        cells = (str(source.get(column) or "") for column in columns)
        last = (source.get("last_received_at") or "none yet")[:16].replace("T", " ")
        table.add_row(*cells, last, "[red]late[/]" if source.get("is_late") else "")
    Console().print(table)


@app.command("show")
def show(
    name: NameArgument, home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False
) -> None:
    """Tell one source: its settings, its last file, the shapes of file that it is known to send."""
    with in_words():
        found = show_source(Stack.existing(home).blueprint, name)
    if as_data:
        typer.echo(json.dumps(found, indent=2))
        return
    for field in (*SETTINGS, "revision", "last_received_at", "is_late"):
        typer.echo(f"{field.replace('_', ' '):<17} {_shown(found.get(field))}")
    for shape in found.get("known_shapes", []):
        reader = shape.get("vendor") or shape.get("layout") or ""
        names = ", ".join(shape.get("columns", []))
        typer.echo(f"known shape       {shape['fingerprint'][:12]} {reader}: {names}")


@app.command("apply")
def apply(
    path: PathArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do only.")] = False,
) -> None:
    """Register and change the sources of a YAML file; applied again, nothing happens.

    Everything is checked before anything is done. Sources that the file does not name stay.
    """
    with in_words():
        blueprint = Stack.existing(home).blueprint
        wanted = read_sources(path)
        checks, faults = [], []
        for source in wanted:
            try:
                checks.append(check_source(blueprint, source))
            except StackError as error:
                faults.append(f"  {source['name']}: {error}")
        if faults:
            raise StackError("\n".join([f"{path} is not applied:", *faults]))
        for source, check in zip(wanted, checks, strict=True):
            typer.echo(f"{check['outcome']:<10} {source['name']}{_difference(check)}")
            if not dry_run and check["outcome"] != "unchanged":
                added = register_source(blueprint, source, check["outcome"])
                if added.api_key or added.s3_key:
                    _print_keys(source["name"], added)


@app.command("export")
def export(home: HomeOption = DEFAULT_HOME) -> None:
    """Print all sources as a YAML file for `source apply`; keys are not in it."""
    with in_words():
        found = list_sources(Stack.existing(home).blueprint)
    typer.echo(written(found), nl=False)


def _difference(check: dict[str, Any]) -> str:
    if check["outcome"] != "changed":
        return ""
    pairs = (
        f"{name}: {_shown(check['before'][name])} → {_shown(value)}"
        for name, value in check["wanted"].items()
    )
    return f" ({'; '.join(pairs)})"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def _print_keys(name: str, added: AddedSource) -> None:
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
