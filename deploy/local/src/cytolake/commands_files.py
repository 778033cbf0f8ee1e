"""`cytolake put`, `files` and `file`: hand files in and see what became of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from cytolake.client import GOOD_ENDS, FileState, Gateway, chunks, digest_of
from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, gateway_of, told

ERRORS = Console(stderr=True)
STYLES = {"loaded": "green", "duplicate": "cyan", "rejected": "red", "quarantined": "yellow"}

FilesArgument = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, help="Files to hand in.")
]
SourceOption = Annotated[str, typer.Option("--source", help="The registered source they are of.")]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until each has ended.")]
TimeoutOption = Annotated[float, typer.Option(help="Longest wait for a file, seconds.")]


def register(app: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    app.command("put")(put)
    app.command("files")(files)
    app.command("file")(file)


def put(
    paths: FilesArgument,
    source: SourceOption,
    home: HomeOption = DEFAULT_HOME,
    *,
    wait: WaitOption = False,
    timeout: TimeoutOption = 120.0,
    as_data: JsonOption = False,
) -> None:
    """Hand files in over HTTP; with --wait, exit 1 when one ends neither loaded nor duplicate."""
    with told():
        gateway = gateway_of(home)
        ids = [_upload(gateway, source, path) for path in paths]
        if not wait:
            _print_receipts(ids, paths, as_data=as_data)
            return
        ends = [_until_end(gateway, object_id, timeout) for object_id in ids]
    if as_data:
        found = [gateway.history(end.object_id) for end in ends]
        typer.echo(json.dumps(found, indent=2))
    if any(end.state not in GOOD_ENDS for end in ends):
        raise typer.Exit(1)


def files(
    home: HomeOption = DEFAULT_HOME,
    *,
    state: Annotated[str | None, typer.Option(help="Only in this state.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    key: Annotated[str | None, typer.Option(help="Only this key.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_data: JsonOption = False,
) -> None:
    """List files, newest first."""
    with told():
        found = gateway_of(home).files(state=state, source=source, key=key, limit=limit)
    if as_data:
        typer.echo(json.dumps([one.model_dump() for one in found], indent=2))
        return
    table = Table("object", "source", "file", "state", "why")
    for one in found:
        table.add_row(one.object_id, one.source, one.name, _styled(one.state), one.message)
    Console().print(table if found else "No files.")


def file(
    object_id: Annotated[str, typer.Argument(metavar="ID", help="The object's id.")],
    home: HomeOption = DEFAULT_HOME,
    *,
    as_data: JsonOption = False,
) -> None:
    """Tell one file's history: its runs, every event in words, how long each stage took."""
    with told():
        gateway = gateway_of(home)
        history = gateway.history(object_id)
    if as_data:
        typer.echo(json.dumps(history, indent=2))
        return
    _print_history(Console(), history, gateway.url)


def _upload(gateway: Gateway, source: str, path: Path) -> str:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    size = path.stat().st_size
    with Progress(*columns, console=ERRORS, transient=True) as progress:
        task = progress.add_task(path.name, total=size)
        body = chunks(path, lambda sent: progress.advance(task, sent))
        digest = digest_of(path)
        return gateway.upload(source, path.name, body, size_bytes=size, digest=digest).object_id


def _until_end(gateway: Gateway, object_id: str, timeout: float) -> FileState:
    *_, end = _shown(gateway.changes(object_id, timeout_seconds=timeout))
    return end


def _shown(changes: Iterator[FileState]) -> Iterator[FileState]:
    for change in changes:
        why = f": {change.message}" if change.message else ""
        ERRORS.print(f"{change.name} {_styled(change.state)}{why}", highlight=False)
        yield change


def _print_receipts(ids: list[str], paths: list[Path], *, as_data: bool) -> None:
    if as_data:
        pairs = zip(paths, ids, strict=True)
        receipts = [{"file": str(path), "object_id": one} for path, one in pairs]
        typer.echo(json.dumps(receipts, indent=2))
        return
    for path, one in zip(paths, ids, strict=True):
        typer.echo(f"{path.name} stored as {one}")
    typer.echo("see what became of one: cytolake file ID")


def _print_history(console: Console, history: dict[str, Any], url: Callable[[str], str]) -> None:
    state = FileState.model_validate(history)
    console.print(f"[bold]{state.key}[/]  {_styled(state.state)}")
    if state.message:
        console.print(f"{state.reason_code}: {state.message}", markup=False)
    for warning in history.get("warnings", []):
        console.print(f"warning: {warning}", style="yellow", markup=False)
    for run in history.get("runs", []):
        if decided := _decided(run):
            console.print(decided, markup=False, highlight=False, soft_wrap=True)
        table = Table("time", "event", "in words", title=f"run {run['run_no']}: {run['state']}")
        for event in run.get("events", []):
            table.add_row(event["time"], event["type"], event.get("message") or "")
        console.print(table)
        for page in [event["page"] for event in run.get("events", []) if event.get("page")]:
            console.print(f"  what was checked: {url(page)}", soft_wrap=True, highlight=False)
        for stage in run.get("stages", []):
            console.print(f"  {stage['stage']:<24} {stage['seconds']:8.3f} s")


def _decided(run: dict[str, Any]) -> str | None:
    if run.get("decision", "arrival") == "arrival":
        return None
    return f"{run['decision']} by {run['actor']}: {run['reason']}"


def _styled(state: str) -> str:
    return f"[{STYLES.get(state, 'bold')}]{state}[/]"
