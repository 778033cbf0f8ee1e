"""The command `cytolake-watch`."""

from __future__ import annotations

import signal
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from cytolake_watch.inbound import Place, RefusedError
from cytolake_watch.run import Wanted, run
from cytolake_watch.view import JsonLines, Terminal

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

FolderArgument = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="The folder that instruments write to.")
]
SourceOption = Annotated[str, typer.Option(help="The source that its files belong to.")]
SettleOption = Annotated[
    float, typer.Option(min=0.1, help="Seconds that a file must rest before it counts as whole.")
]
PatternOption = Annotated[
    list[str] | None, typer.Option("--pattern", help="Only such names, e.g. '*.csv'; repeatable.")
]
IgnoreOption = Annotated[list[str] | None, typer.Option(help="Not such names; repeatable.")]
StateOption = Annotated[Path | None, typer.Option(help="File that remembers what was sent.")]
OnceOption = Annotated[bool, typer.Option("--once", help="Send what is there, then end.")]
ShareOption = Annotated[bool, typer.Option("--share", help="A network share: poll it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON lines, for programs.")]
EndpointOption = Annotated[str, typer.Option(envvar="CYTOLAKE_S3_ENDPOINT", help="Object store.")]
AccessOption = Annotated[str, typer.Option(envvar="AWS_ACCESS_KEY_ID", help="The S3 key.")]
SecretOption = Annotated[
    str, typer.Option(envvar="AWS_SECRET_ACCESS_KEY", help="Its secret; better in the environment.")
]
GatewayOption = Annotated[
    str | None, typer.Option(envvar="CYTOLAKE_GATEWAY_URL", help="To see what becomes of files.")
]
ApiKeyOption = Annotated[str | None, typer.Option(envvar="CYTOLAKE_API_KEY", help="For it.")]


@app.command()
def watch_folder(  # noqa: PLR0913 - parameters are options here
    folder: FolderArgument,
    source: SourceOption,
    s3_endpoint: EndpointOption,
    s3_access_key: AccessOption,
    s3_secret_key: SecretOption,
    *,
    gateway_url: GatewayOption = None,
    api_key: ApiKeyOption = None,
    bucket: Annotated[str, typer.Option(envvar="CYTOLAKE_INBOUND_BUCKET")] = "inbound",
    settle: SettleOption = 2.0,
    pattern: PatternOption = None,
    ignore: IgnoreOption = None,
    state: StateOption = None,
    once: OnceOption = False,
    share: ShareOption = False,
    as_data: JsonOption = False,
) -> None:
    """Send every file of a folder to Cytolake, once, as soon as it is whole.

    A large file goes in parts and is resumed after a restart. Ctrl-C ends it; start it again and
    it goes on where it was.
    """
    wanted = Wanted(
        folder=folder,
        source=source,
        place=Place(
            endpoint=s3_endpoint, access_key=s3_access_key, secret_key=s3_secret_key, bucket=bucket
        ),
        gateway=(gateway_url, api_key) if gateway_url and api_key else None,
        settle_seconds=settle,
        patterns=tuple(pattern or ()),
        ignored=tuple(ignore or ()),
        state=state,
        is_share=share,
    )
    watch_until_told(wanted, as_data=as_data, is_once=once)


def watch_until_told(wanted: Wanted, *, as_data: bool, is_once: bool) -> None:
    """Run it until SIGTERM or Ctrl-C; end with code 1 and words when a key is refused."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        run(wanted, JsonLines() if as_data else Terminal(), stop, is_once=is_once)
    except RefusedError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
