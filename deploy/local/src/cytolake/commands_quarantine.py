"""`cytolake quarantine`: what waits for a reviewer, why, and the reviewer's decision."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cytolake.client_decisions import Decisions
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

app = typer.Typer(
    no_args_is_help=True,
    help="Files that wait for a reviewer: list, show, release or refuse them, by a person's key.",
)
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The object's id.")]


def register(root: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    root.add_typer(app, name="quarantine")


@app.command("list")
def list_quarantine(
    home: HomeOption = DEFAULT_HOME,
    *,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
    as_data: JsonOption = False,
) -> None:
    """List what waits for a reviewer, longest waiting first."""
    with told():
        found = Decisions(gateway_of(home)).quarantined(source, limit)
    if as_data:
        typer.echo(json.dumps([one.model_dump() for one in found], indent=2))
        return
    table = Table("object", "source", "file", "since (UTC)", "why")
    for one in found:
        name = one.key.rsplit("/", 1)[-1]
        table.add_row(one.object_id, one.source, name, one.since[:19], one.message)
    Console().print(table if found else "Nothing waits for a reviewer.")


@app.command("show")
def show(
    object_id: IdArgument, home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False
) -> None:
    """Show why a file is held back: rules in words, failing rows, how it was recognised."""
    with told():
        gateway = gateway_of(home)
        case = Decisions(gateway).case(object_id)
    if as_data:
        typer.echo(json.dumps(case, indent=2))
        return
    for line in in_words(case):
        typer.echo(line)
    if case.get("page"):
        typer.echo(f"what was checked, with every failing row: {gateway.url(case['page'])}")


@app.command("release")
def release(
    object_id: IdArgument,
    reason: ReasonOption,
    home: HomeOption = DEFAULT_HOME,
    *,
    wait: WaitOption = False,
    timeout: TimeoutOption = 120.0,
) -> None:
    """Let a file pass: the rules it breaks become warnings, with your name and reason."""
    _decide(home, "release", object_id, reason, timeout if wait else None)


@app.command("refuse")
def refuse(
    object_id: IdArgument,
    reason: ReasonOption,
    home: HomeOption = DEFAULT_HOME,
    *,
    wait: WaitOption = False,
    timeout: TimeoutOption = 120.0,
) -> None:
    """End a file: it stays kept, with your name and reason, and becomes no rows."""
    _decide(home, "refuse", object_id, reason, timeout if wait else None)


def in_words(case: dict[str, Any]) -> Iterator[str]:
    """Yield a case as lines for people."""
    yield f"{case['key']}: {case['state']} since {case['since'][:19]} UTC"
    yield f"dropped by {case['dropped_by'] or 'the source ' + case['source']}"
    yield f"{case['reason_code']}: {case['message']}"
    if case["dataset"]:
        yield f"contract {case['dataset']} {case['contract_version']}, {case['rows']} rows"
    for failure in case["failures"]:
        yield f"- {failure['severity']}  {failure['rule']}: {failure['message']}"
        yield from (f"    {example}" for example in failure["examples"])
    recognition = case["recognition"] or {}
    for what in ("matched", "runners_up", "refused"):
        for words in recognition.get(what, ()):
            yield f"- {what.replace('_', ' ')}: {words}"
    for one in case["decisions"]:
        denied = f" DENIED: {one['denied_message']}" if one["denied_code"] else ""
        when = one["decided_at"][:19]
        yield f"{when} {one['action']} by {one['actor']}: {one['reason']}{denied}"


def _decide(home: Path, action: str, object_id: str, reason: str, wait: float | None) -> None:
    with told():
        decisions = Decisions(gateway_of(home))
        decided = decisions.decide(action, object_id, reason)
        typer.echo(f"{action} by {decided.actor}, recorded as {decided.decision_id}")
        if wait is None:
            return
        for now in decisions.progress(decided.decision_id, timeout_seconds=wait):
            decided = now
        end = decisions.gateway.state(object_id)
    typer.echo(f"{object_id}: {end.state if end else 'unknown'}")
    if not decided.opened or set(decided.states) - {"loaded", "superseded", "rejected"}:
        raise typer.Exit(1)
