"""`cytolake watch`: send the files of a folder to this machine's stack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, in_words
from cytolake.stack import Stack
from cytolake_watch.cli import (
    IgnoreOption,
    OnceOption,
    PatternOption,
    SettleOption,
    ShareOption,
    SourceOption,
    watch_until_told,
)
from cytolake_watch.inbound import Place
from cytolake_watch.run import Wanted

FolderArgument = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="The folder that instruments write to.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("watch")(watch)


def watch(  # noqa: PLR0913 - parameters are options here
    folder: FolderArgument,
    source: SourceOption,
    home: HomeOption = DEFAULT_HOME,
    *,
    settle: SettleOption = 2.0,
    pattern: PatternOption = None,
    ignore: IgnoreOption = None,
    once: OnceOption = False,
    share: ShareOption = False,
    as_data: JsonOption = False,
) -> None:
    """Send every file of a folder once, as soon as it is whole; resumes after a restart.

    For another machine: `pip install cytolake-watch`, which is this command alone.
    """
    with in_words():
        stack = Stack.existing(home)
        environment = stack.env()
    wanted = Wanted(
        folder=folder,
        source=source,
        place=Place(
            endpoint=environment["CYTOLAKE_S3_ENDPOINT"],
            access_key=environment["AWS_ACCESS_KEY_ID"],
            secret_key=environment["AWS_SECRET_ACCESS_KEY"],
            bucket=environment["CYTOLAKE_INBOUND_BUCKET"],
        ),
        gateway=(environment["CYTOLAKE_GATEWAY_URL"], environment["CYTOLAKE_API_KEY"]),
        settle_seconds=settle,
        patterns=tuple(pattern or ()),
        ignored=tuple(ignore or ()),
        state=stack.blueprint.home.root / "watch" / f"{source}.sqlite",
        is_share=share,
    )
    watch_until_told(wanted, as_data=as_data, is_once=once)
