"""`cytolake lims …`: which LIMS may send webhooks, how they sign, and what is fetched from them."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cytolake.client_lims import Fetching, LimsClient
from cytolake.commands_lims_keys import KeyFileOption, NameArgument, content_of, print_secret
from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, gateway_of, told


class Scheme(StrEnum):
    """How a LIMS signs its webhooks."""

    STANDARD = "standard"
    BENCHLING = "benchling"
    HMAC = "hmac"


VerifyOption = Annotated[
    Scheme, typer.Option("--verify", help="Standard Webhooks, Benchling's way, or an HMAC header.")
]
JwksOption = Annotated[
    str | None, typer.Option("--jwks-url", help="Where Benchling's public keys are.")
]
HeaderOption = Annotated[str | None, typer.Option("--header", help="Header of an HMAC.")]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", help="How that HMAC is written: hex or base64.")
]
PrefixOption = Annotated[
    str | None, typer.Option("--prefix", help="What stands before that HMAC, e.g. sha256=.")
]
TimestampedOption = Annotated[
    bool, typer.Option("--timestamped", help="That header is t=…,v1=… over time and body.")
]
FetchFromOption = Annotated[
    list[str] | None,
    typer.Option("--fetch-from", help="Address that thin events may point to; may be repeated."),
]
ResourceOption = Annotated[
    list[str] | None,
    typer.Option("--resource", help="TYPE-PATTERN=PATH with {id}; may be repeated."),
]
TokenFileOption = Annotated[
    Path | None,
    typer.Option("--fetch-token-file", allow_dash=True, help="File with the token to fetch with."),
]
BasicOption = Annotated[
    bool, typer.Option("--basic", help="The token is user:password, not a bearer's.")
]
LayoutOption = Annotated[
    str | None, typer.Option(help="Layout or group of layouts, e.g. lims_canonical.")
]
TimezoneOption = Annotated[str, typer.Option(help="IANA zone of times that name none.")]


def register(app: typer.Typer) -> None:
    """Mount the commands on `lims`."""
    app.command("add")(add)
    app.command("change")(change)
    app.command("list")(list_all)
    app.command("show")(show)
    app.command("retry")(retry)


def add(  # noqa: PLR0913 - parameters are options here
    name: NameArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    verify: VerifyOption = Scheme.STANDARD,
    key_file: KeyFileOption = None,
    jwks_url: JwksOption = None,
    header: HeaderOption = None,
    encoding: EncodingOption = None,
    prefix: PrefixOption = None,
    timestamped: TimestampedOption = False,
    fetch_from: FetchFromOption = None,
    resource: ResourceOption = None,
    fetch_token_file: TokenFileOption = None,
    basic: BasicOption = False,
    layout: LayoutOption = None,
    timezone: TimezoneOption = "UTC",
    as_data: JsonOption = False,
) -> None:
    """Let a LIMS send webhooks; print their address and a new secret, once.

    The same again changes nothing.
    """
    stated = {"jwks_url": jwks_url, "header": header, "encoding": encoding, "prefix": prefix}
    scheme: dict[str, Any] = {"scheme": str(verify)}
    scheme |= {name: text for name, text in stated.items() if text}
    scheme |= {"is_timestamped": True} if timestamped else {}
    with told():
        key = content_of(key_file)
        wanted = {
            "name": name,
            "verify": scheme,
            "layout": layout,
            "timezone": timezone,
            **({"key": key} if key else {}),
            **_fetching(fetch_from, resource, fetch_token_file, is_basic=basic),
        }
        added = LimsClient(gateway_of(home)).add(wanted)
    if as_data:
        typer.echo(json.dumps(added, indent=2))
        return
    typer.echo(f"LIMS {name}: POST {added['webhook_url']}")
    typer.echo(f"its webhooks become files of the source {added['source']}")
    print_secret(added["key"])


def change(
    name: NameArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    fetch_from: FetchFromOption = None,
    resource: ResourceOption = None,
    fetch_token_file: TokenFileOption = None,
    basic: BasicOption = False,
    no_fetch: Annotated[bool, typer.Option("--no-fetch", help="Fetch nothing any more.")] = False,
    as_data: JsonOption = False,
) -> None:
    """Change what is fetched from a LIMS; its layout and zone: `source change lims/NAME`."""
    with told():
        wanted = _fetching(fetch_from, resource, fetch_token_file, is_basic=basic)
        wanted |= {"fetch": None} if no_fetch else {}
        changed = LimsClient(gateway_of(home)).change(name, wanted)
    if as_data:
        typer.echo(json.dumps(changed, indent=2))
        return
    addresses = (changed["fetch"] or {}).get("base_urls", [])
    typer.echo(f"LIMS {name}: fetches from {', '.join(addresses) or 'nowhere'}")


def list_all(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """List the LIMS that may send webhooks, and when the last one came."""
    with told():
        found = LimsClient(gateway_of(home)).all()
    if as_data:
        typer.echo(json.dumps(found, indent=2))
        return
    table = Table("name", "verified by", "last webhook", "address", box=None)
    for one in found:
        last = (one["last_webhook_at"] or "none yet")[:16].replace("T", " ")
        table.add_row(one["name"], one["verify"]["scheme"], last, one["webhook_url"])
    Console().print(table if found else "None yet.")


def show(
    name: NameArgument, home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False
) -> None:
    """Tell one LIMS: its keys (not what they are), its webhooks, what could not be fetched."""
    with told():
        found = LimsClient(gateway_of(home)).show(name)
    if as_data:
        typer.echo(json.dumps(found, indent=2))
        return
    stored, unfinished = found["stored_webhooks"], found["unfinished_webhooks"]
    scheme = ", ".join(f"{name}: {value}" for name, value in found["verify"].items() if value)
    typer.echo(f"address       {found['webhook_url']}\nverified by   {scheme}")
    typer.echo(f"source        {found['source']}")
    typer.echo(f"webhooks      {stored} stored, {unfinished} begun and not stored")
    for key in found["keys"]:
        state = f"retired {key['retired_at'][:16]}" if key["retired_at"] else "valid"
        typer.echo(f"key           {key['key_id']} of {key['added_at'][:16]}, {state}")
    for state, count in found["fetches"].items():
        typer.echo(f"fetches       {count} {state.replace('_', ' ')}")
    for one in found["troubled_fetches"]:
        typer.echo(f"  {one['url']} ({one['state']}, attempt {one['attempts']}): {one['message']}")


def retry(
    name: NameArgument, home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False
) -> None:
    """Fetch now what failed, was given up, or was refused and is allowed by now."""
    with told():
        count = LimsClient(gateway_of(home)).retry(name)
    typer.echo(json.dumps({"count": count}) if as_data else f"{count} fetches are tried again now")


def _fetching(
    addresses: list[str] | None,
    resources: list[str] | None,
    token_file: Path | None,
    *,
    is_basic: bool,
) -> dict[str, Any]:
    return Fetching(
        base_urls=tuple(addresses or ()),
        resources=tuple(resources or ()),
        authorization="basic" if is_basic else None,
        token=content_of(token_file),
    ).as_request()
