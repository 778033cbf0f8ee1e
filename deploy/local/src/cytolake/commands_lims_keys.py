"""`cytolake lims rotate` and `send`: keys of a LIMS from files, and a webhook to try them."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from cytolake.client import GatewayError
from cytolake.client_lims import LimsClient
from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, gateway_of, told

NameArgument = Annotated[str, typer.Argument(help="Its name; its files are of source lims/NAME.")]
KeyFileOption = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        allow_dash=True,
        help="File (- for standard input) with the LIMS's own secret or public key; else one is "
        "made.",
    ),
]


def register(app: typer.Typer) -> None:
    """Mount the commands on `lims`."""
    app.command("rotate")(rotate)
    app.command("send")(send)


def rotate(
    name: NameArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    key_file: KeyFileOption = None,
    retire: Annotated[bool, typer.Option("--retire", help="End all keys but the newest.")] = False,
    as_data: JsonOption = False,
) -> None:
    """Add a key and print it, once; the old one stays valid until `rotate --retire`."""
    with told():
        client = LimsClient(gateway_of(home))
        if retire:
            answer: dict[str, Any] = {"retired": client.retire(name)}
        else:
            answer = client.rotate(name, content_of(key_file))
    if as_data:
        typer.echo(json.dumps(answer, indent=2))
    elif retire:
        typer.echo(f"{answer['retired']} older keys of {name} are valid no more")
    else:
        typer.echo(f"{name} has {answer['valid_keys']} valid keys")
        print_secret(answer["key"])
        typer.echo(f"When the LIMS signs with it: cytolake lims rotate {name} --retire")


def send(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The webhook's body.")],
    home: HomeOption = DEFAULT_HOME,
    *,
    key_file: Annotated[Path, typer.Option(help="File with the secret of the LIMS.")],
    webhook_id: Annotated[
        str | None, typer.Option("--id", help="Its id; one of its content without.")
    ] = None,
    as_data: JsonOption = False,
) -> None:
    """Send a file as this LIMS would (Standard Webhooks): to try what was set up."""
    with told():
        body = file.read_bytes()
        answer = LimsClient(gateway_of(home)).send(
            name,
            body,
            secret=content_of(key_file) or "",
            webhook_id=webhook_id or f"try_{sha256(body).hexdigest()[:16]}",
        )
    if as_data:
        typer.echo(json.dumps(answer, indent=2))
        return
    state = "was stored before, and is not stored again" if answer["is_repeat"] else "is stored"
    typer.echo(f"{answer['webhook_id']} {state}: {answer['key']}")


def content_of(file: Path | None) -> str | None:
    """Return what the file says, without blanks around it; raise GatewayError."""
    if file is None:
        return None
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GatewayError(f"{file} cannot be read: {error}") from error
    return text.strip()


def print_secret(secret: str | None) -> None:
    """Print a secret that was made now, if one was."""
    if secret is not None:
        typer.echo(f"  secret  {secret}")
        typer.echo("Give it to the LIMS now: it is not shown again.")
