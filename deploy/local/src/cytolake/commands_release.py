"""`cytolake release`: release a batch, see what was released, and what changed since."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cytolake.client_releases import Released, Releases
from cytolake.commands_options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    ReasonOption,
    TimeoutOption,
    gateway_of,
    in_words,
    stack_of,
    told,
)
from cytolake.releases.differences import Change

SHOWN_CHANGES = 200
app = typer.Typer(
    no_args_is_help=True,
    help="Release a batch, by a person's key; what was released, and what changed since.",
)
BatchArgument = Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id.")]
NumberOption = Annotated[
    int | None, typer.Option("--number", min=1, help="Which release; the newest without it.")
]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until its rows are exported.")]


def register(root: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    root.add_typer(app, name="release")


@app.command("batch")
def batch(
    batch: BatchArgument,
    reason: ReasonOption,
    home: HomeOption = DEFAULT_HOME,
    *,
    wait: WaitOption = False,
    timeout: TimeoutOption = 120.0,
) -> None:
    """Release a batch as the marts show it now: its state stays, its rows are exported."""
    with told(), closing(gateway_of(home)) as gateway:
        releases = Releases(gateway)
        made = releases.release(batch, reason)
        typer.echo(
            f"release {made.release_no} of {made.batch_id} by {made.actor},"
            f" at snapshot {made.snapshot_id}, recorded as {made.decision_id}"
        )
        if wait:
            typer.echo(_exported(releases.exported(made, timeout_seconds=timeout)))


@app.command("list")
def list_releases(
    batch: Annotated[str | None, typer.Argument(metavar="[BATCH]", help="Only its own.")] = None,
    home: HomeOption = DEFAULT_HOME,
    *,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
    as_data: JsonOption = False,
) -> None:
    """List releases, newest first."""
    with told(), closing(gateway_of(home)) as gateway:
        found = Releases(gateway).listed(batch, limit)
    if as_data:
        typer.echo(json.dumps([one.model_dump() for one in found], indent=2))
        return
    table = Table("batch", "no", "released (UTC)", "by", "why", "snapshot", "rows", "exported")
    for one in found:
        exported = (one.exported_at or "not yet")[:19]
        numbers = str(one.snapshot_id), str(one.rows or "")
        when = one.decided_at[:19]
        row = (one.batch_id, str(one.release_no), when, one.actor, one.reason, *numbers, exported)
        table.add_row(*row)
    Console().print(table if found else "No batch is released.")


@app.command("diff")
def diff(
    batch: BatchArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    number: NumberOption = None,
    as_data: JsonOption = False,
) -> None:
    """List the batch's rows that were added, removed or changed since it was released."""
    from cytolake.releases.compared import differences  # noqa: PLC0415 - takes a second to import
    from cytolake.releases.recorded import release_of  # noqa: PLC0415

    with in_words(exit_code=2):
        blueprint = stack_of(home).blueprint
        release = release_of(blueprint, batch, number)
        found = list(differences(blueprint, release))
    if as_data:
        rows = [{"table": table} | asdict(change) for table, change in found]
        told_of = {"batch": batch, "release_no": release.release_no, "changes": rows}
        typer.echo(json.dumps(told_of, indent=2, default=str))
        return
    for table, change in found[:SHOWN_CHANGES]:
        typer.echo(f"{table}: {said(change)}")
    since = f"since release {release.release_no} of {batch} ({release.decided_at:%Y-%m-%d %H:%M})"
    typer.echo(f"{len(found) or 'no'} rows differ {since}")
    if len(found) > SHOWN_CHANGES:
        typer.echo(f"{SHOWN_CHANGES} are shown; --json prints all", err=True)


@app.command("verify")
def verify(
    batch: BatchArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    number: NumberOption = None,
    as_data: JsonOption = False,
) -> None:
    """Check what is kept of a release by its hashes, and that the lake still says the same."""
    from cytolake.releases.compared import verified  # noqa: PLC0415 - takes a second to import
    from cytolake.releases.recorded import release_of  # noqa: PLC0415

    with in_words(exit_code=2):
        blueprint = stack_of(home).blueprint
        found = verified(blueprint, release_of(blueprint, batch, number))
    wrong = [one for one in found if not (one.is_kept and one.is_in_lake)]
    if as_data:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in wrong:
            where = "the evidence" if not one.is_kept else "the lake"
            typer.secho(f"{one.name}: {where} says otherwise", fg="red")
        typer.echo(f"{len(found) - len(wrong)} of {len(found)} files are as they were released")
    if wrong:
        raise typer.Exit(1)


def said(change: Change) -> str:
    """Return a change as a line for people."""
    key = ", ".join(f"{name} {value}" for name, value in change.key.items())
    pairs = (f"{name} {old} -> {new}" for name, (old, new) in change.columns.items())
    values = "; ".join(pairs)
    return f"{change.kind} {key}" + (f": {values}" if values else "")


def _exported(made: Released) -> str:
    return f"{made.rows} rows in {made.files} files, manifest sha256 {made.manifest_sha256}"
