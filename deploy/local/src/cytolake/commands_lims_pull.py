"""`cytolake lims connect` and `pull`: what a LIMS knows, fetched into the inbound bucket."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cytolake.commands_options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    ended_by_signals,
    in_words,
)
from cytolake.errors import StackError
from cytolake.pulls.connecting import connect as connect_lims
from cytolake.pulls.connecting import connector_of
from cytolake.pulls.connection import Connection
from cytolake.pulls.manifests import read_manifest
from cytolake.sources import SourceSettings, add_source, list_sources
from cytolake.stack import Stack

if TYPE_CHECKING:
    from cytolake.pulls.lims import Pulled

NameArgument = Annotated[str, typer.Argument(help="Name of the LIMS; its source is lims/NAME.")]
ManifestOption = Annotated[
    str, typer.Option("--manifest", help="A shipped manifest (senaite, paged) or a file.")
]
UrlOption = Annotated[str, typer.Option("--url", help="Address of the LIMS, https://…")]
UserOption = Annotated[str | None, typer.Option("--user", help="Its user for this.")]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read password or token from the input, unasked.")
]
StartOption = Annotated[
    str | None,
    typer.Option("--start-date", help="Only what changed since, e.g. 2026-01-01T00:00:00+0000."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Another setting of the manifest, NAME=VALUE; may be repeated."),
]
LayoutOption = Annotated[
    str | None, typer.Option(help="Layout or group that reads it; the manifest's own without.")
]
FullOption = Annotated[bool, typer.Option("--full", help="Read everything again.")]
StreamOption = Annotated[
    list[str] | None, typer.Option("--stream", help="Only this stream; may be repeated.")
]


def register(app: typer.Typer) -> None:
    """Mount the commands."""
    app.command("connect")(connect)
    app.command("pull")(pull)


def connect(  # noqa: PLR0913 - parameters are options here
    name: NameArgument,
    manifest: ManifestOption,
    url: UrlOption,
    home: HomeOption = DEFAULT_HOME,
    *,
    user: UserOption = None,
    password_stdin: StdinOption = False,
    start_date: StartOption = None,
    setting: SetOption = None,
    stream: StreamOption = None,
    layout: LayoutOption = None,
) -> None:
    """Say how a LIMS is reached; it is asked at once, and kept only when it answers.

    Kept in the home, readable by its owner only. Connect again to change it.
    """
    with in_words():
        stack = Stack.existing(home)
        found = read_manifest(manifest)
        config = {"base_url": url, "username": user, "start_date": start_date}
        config |= dict(_pair(one) for one in setting or ())
        if found.secret:
            config[found.secret] = _secret(found.secret, is_piped=password_stdin)
        connection = Connection.named(stack.home, name)
        given = {setting: value for setting, value in config.items() if value}
        streams = connect_lims(connection, found, given, only=tuple(stream or ()))
        _register(stack, connection, layout or found.layout)
    typer.echo(f"LIMS {name}: {', '.join(streams)}")
    typer.echo(f"fetch it: cytolake lims pull {name}")


def pull(
    name: NameArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    full: FullOption = False,
    stream: StreamOption = None,
    as_data: JsonOption = False,
) -> None:
    """Fetch what is new in a LIMS, one Parquet file a stream; may be stopped at any time.

    Ends with 1 when a stream could not be fetched: the others are stored all the same.
    """
    # Late: pyarrow and the terminal's bars are no other command's business.
    from cytolake.pulls.inbound import inbound_of  # noqa: PLC0415
    from cytolake.pulls.lims import Pull  # noqa: PLC0415
    from cytolake.pulls.view import Terminal  # noqa: PLC0415

    ended: list[Pulled] = []
    try:
        with ended_by_signals(), in_words(), Terminal() as view:
            stack = Stack.existing(home)
            connection = Connection.existing(stack.home, name)
            one = Pull(
                connection=connection,
                connector=connector_of(connection),
                store=inbound_of(stack),
                progress=view.progress,
                is_full=full,
                streams=tuple(stream or ()),
            )
            for pulled in one.run():
                ended.append(pulled)
                if not as_data:
                    view.console.print(_line(pulled), markup=False, soft_wrap=True)
    finally:
        if as_data:
            told = {"lims": name, "streams": [pulled.as_data() for pulled in ended]}
            typer.echo(json.dumps(told, indent=2))
    if any(pulled.outcome == "failed" for pulled in ended):
        raise typer.Exit(1)


def _line(pulled: Pulled) -> str:
    if pulled.outcome == "failed":
        return f"failed    {pulled.stream}: {pulled.message} ({pulled.code})"
    if pulled.outcome == "unchanged":
        return f"unchanged {pulled.stream}: {pulled.came:,} looked at, none new"
    return f"stored    {pulled.stream}: {pulled.rows:,} new of {pulled.came:,}, {pulled.key}"


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise StackError(f"--set {text!r} is not NAME=VALUE")
    return name, value


def _secret(name: str, *, is_piped: bool) -> str:
    if is_piped:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt(name, hide_input=True))


def _register(stack: Stack, connection: Connection, layout: str | None) -> None:
    """Register the LIMS's source unless it is: `lims add` may have been there first."""
    known = {source["name"] for source in list_sources(stack.blueprint)}
    if connection.source not in known:
        add_source(stack.blueprint, connection.source, SourceSettings(layout=layout))
