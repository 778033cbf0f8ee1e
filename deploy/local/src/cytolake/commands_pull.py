"""`cytolake pull`: fetch files and tables from elsewhere into the inbound bucket, each once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cytolake.commands_options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    ended_by_signals,
    in_words,
)
from cytolake.stack import Stack
from cytolake_watch.cli import IgnoreOption, PatternOption
from cytolake_watch.view import JsonLines, Terminal, View
from cytolake_watch.watcher import News

UrlArgument = Annotated[
    str,
    typer.Argument(help="s3://bucket/prefix, sftp://user@host/folder or postgresql://user@host/db"),
]
SourceOption = Annotated[str, typer.Option(help="The registered source that the files are of.")]
TableOption = Annotated[
    list[str] | None, typer.Option("--table", help="A table, SCHEMA.NAME; may be repeated.")
]
EndpointOption = Annotated[str | None, typer.Option(help="Address of an S3 store that is not AWS.")]
ProfileOption = Annotated[
    str | None, typer.Option(help="Profile of the AWS configuration that has its keys.")
]
IdentityOption = Annotated[Path | None, typer.Option(help="Private key for SFTP.", dir_okay=False)]
HostsOption = Annotated[
    Path | None, typer.Option(help="File of known host keys, if not ~/.ssh/known_hosts.")
]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the input.")
]
SettleOption = Annotated[
    float, typer.Option(min=0.1, help="Seconds that a file must rest before it counts as whole.")
]


def register(app: typer.Typer) -> None:
    """Mount the command on the CLI."""
    app.command("pull")(pull)


def pull(  # noqa: PLR0913 - parameters are options here
    url: UrlArgument,
    source: SourceOption,
    home: HomeOption = DEFAULT_HOME,
    *,
    table: TableOption = None,
    pattern: PatternOption = None,
    ignore: IgnoreOption = None,
    endpoint: EndpointOption = None,
    profile: ProfileOption = None,
    identity: IdentityOption = None,
    known_hosts: HostsOption = None,
    password_stdin: StdinOption = False,
    settle: SettleOption = 2.0,
    as_data: JsonOption = False,
) -> None:
    """Fetch what is new elsewhere, one object a file, each once; run it again for what came since.

    A folder or a mounted share is what `cytolake watch` is for; a LIMS, `cytolake lims pull`. Ends
    with 1 when a file could not be fetched.
    """
    # Late: no other command should wait for the drivers.
    from cytolake.pulls.files import Access, WantedFiles, fetched  # noqa: PLC0415

    access = Access(
        password=sys.stdin.readline().rstrip("\n") if password_stdin else None,
        identity=identity,
        known_hosts=known_hosts,
        endpoint=endpoint,
        profile=profile,
        tables=tuple(table or ()),
    )
    wanted = WantedFiles(
        url=url,
        source=source,
        access=access,
        patterns=tuple(pattern or ()),
        ignored=tuple(ignore or ()),
        settle_seconds=settle,
    )
    with ended_by_signals(), in_words(), JsonLines() if as_data else Terminal() as view:
        kinds = {told(view, news) for news in fetched(Stack.existing(home), wanted, view.progress)}
    if "away" in kinds:
        raise typer.Exit(1)


def told(view: View, news: News) -> str:
    """Show it; return its kind."""
    view.news(news)
    return news.kind
