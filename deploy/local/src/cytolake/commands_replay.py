"""`cytolake replay` and `revalidate`: the same bytes, a new run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cytolake.client_decisions import Decided, Decisions
from cytolake.commands_options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    ReasonOption,
    TimeoutOption,
    WaitOption,
    gateway_of,
    told,
)

REPLAYS, REVALIDATIONS = "/v1/replays", "/v1/revalidations"
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
ObjectsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="Files by their objects' ids.")
]
SourceOption = Annotated[str | None, typer.Option(help="Files of this source.")]
DatasetOption = Annotated[str | None, typer.Option(help="Files that yielded this dataset.")]
CodeOption = Annotated[str | None, typer.Option("--code", help="Files with this reason code.")]
SinceOption = Annotated[
    datetime | None, typer.Option(formats=TIMES, help="Received then or later (UTC).")
]
UntilOption = Annotated[datetime | None, typer.Option(formats=TIMES, help="Received before (UTC).")]
AllOption = Annotated[bool, typer.Option("--all", help="Every file, instead of any condition.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Count, decide nothing.")]
RequestOption = Annotated[
    str | None,
    typer.Option("--request-id", help="A UUID of your own: sent again, the same decision."),
]


def register(app: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    again = "Read files again with today's parser and contracts: the newest run's rows are current."
    app.command("replay", help=again)(_command(REPLAYS))
    mended = "Read what was quarantined, rejected or failed again, with its source as it is now."
    app.command("revalidate", help=mended)(_command(REVALIDATIONS))


def _command(path: str) -> Callable[..., None]:
    """Return the command that asks at this path; both have the same options."""

    def command(  # noqa: PLR0913 - one per option
        reason: ReasonOption,
        objects: ObjectsArgument = None,
        home: HomeOption = DEFAULT_HOME,
        *,
        source: SourceOption = None,
        dataset: DatasetOption = None,
        code: CodeOption = None,
        since: SinceOption = None,
        until: UntilOption = None,
        every: AllOption = False,
        dry_run: DryRunOption = False,
        wait: WaitOption = False,
        timeout: TimeoutOption = 3600.0,
        request_id: RequestOption = None,
        as_data: JsonOption = False,
    ) -> None:
        named = {"objects": objects, "source": source, "dataset": dataset, "reason_code": code}
        wish = wished(named, since=since, until=until, every=every)
        wish |= {"reason": reason} | ({"request_id": request_id} if request_id else {})
        limit = timeout if wait else None
        _reread(home, path, wish, dry_run=dry_run, wait=limit, as_data=as_data)

    return command


def wished(
    named: dict[str, Any], *, since: datetime | None, until: datetime | None, every: bool
) -> dict[str, Any]:
    """Return which files are meant, as the gateway is asked."""
    times = {"since": since, "until": until}
    told_times = {k: v.replace(tzinfo=UTC).isoformat() for k, v in times.items() if v}
    wish = {name: value for name, value in named.items() if value} | told_times
    if bool(wish) == every:
        raise typer.BadParameter("name files or conditions, or say --all, and not both")
    return wish | ({"all": True} if every else {})


def _reread(
    home: Path, path: str, wish: dict[str, Any], *, dry_run: bool, wait: float | None, as_data: bool
) -> None:
    with told():
        decisions = Decisions(gateway_of(home))
        if dry_run:
            _print_matching(decisions.matching(path, wish), as_data=as_data)
            return
        total = decisions.matching(path, wish)["files"] if wait is not None else 0
        decided = decisions.reread(path, wish)
        if wait is not None:
            looks = decisions.progress(decided.decision_id, timeout_seconds=wait)
            decided = _shown(looks, total or 1)
    if as_data:
        typer.echo(json.dumps(decided.model_dump(), indent=2))
    else:
        typer.echo("\n".join(_sentences(decided)))
    if decided.states.get("failed"):
        raise typer.Exit(1)


def _shown(looks: Iterator[Decided], total: int) -> Decided:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("files", total=total)
        for now in looks:
            most = now.opened if now.is_carried_out else max(total, now.opened)
            progress.update(task, completed=now.ended, total=most)
    return now


def _sentences(decided: Decided) -> Iterator[str]:
    yield f"{decided.action} by {decided.actor}, recorded as {decided.decision_id}"
    if decided.is_carried_out:
        states = ", ".join(f"{n} {state}" for state, n in sorted(decided.states.items()))
        yield f"{decided.opened} files read again: {states or 'none'}"


def _print_matching(found: dict[str, Any], *, as_data: bool) -> None:
    if as_data:
        typer.echo(json.dumps(found, indent=2))
        return
    typer.echo(f"{found['files']} files would be read again")
    for what in ("by_source", "by_state"):
        for name, number in sorted(found[what].items()):
            typer.echo(f"  {number:>6} {name}")
