"""`cytolake docs`: where results can be read, and all their pages made anew."""

from __future__ import annotations

import asyncio
import webbrowser
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cytolake.client import Gateway, GatewayError
from cytolake.commands_options import DEFAULT_HOME, HomeOption, gateway_of, stack_of
from cytolake.errors import StackError
from cytolake_runtime import Retryable

ERRORS = Console(stderr=True)
INDEX = "/docs/data/index.html"
DBT = "/docs/dbt/lake"
SIGN_IN = "A browser asks for a name and a password: any name, and your API key."

docs = typer.Typer(
    no_args_is_help=True,
    help="Pages: results of every check, and what the models of lake and marts are.",
)


def register(app: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    app.add_typer(docs, name="docs")


@docs.command("open")
def open_pages(
    object_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A file's id; without, the index.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    *,
    only_print: Annotated[bool, typer.Option("--print", help="Only say where.")] = False,
) -> None:
    """Open the index, or the newest result of one file, in a browser, and print its address."""
    try:
        gateway = gateway_of(home)
        path = newest_page(gateway, object_id) if object_id else INDEX
    except GatewayError as error:
        ERRORS.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    if path is None:
        ERRORS.print("This file has no result: it was not judged (yet).")
        raise typer.Exit(1)
    typer.echo(gateway.url(path))
    ERRORS.print(SIGN_IN)
    if not only_print:
        webbrowser.open(gateway.url(path))


@docs.command("build")
def build(home: HomeOption = DEFAULT_HOME) -> None:
    """Make every page and index anew, from the results kept in the evidence bucket."""
    from cytolake.data_docs import rebuild_all  # noqa: PLC0415 - half a second, for this alone

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=ERRORS) as progress:
        task = progress.add_task("pages", total=None)
        work = rebuild_all(
            stack_of(home).blueprint,
            lambda found: progress.update(task, total=found),
            lambda made: progress.advance(task, made),
        )
        try:
            days, without_page = asyncio.run(work)
        except Retryable as error:
            raise SystemExit(f"{error}: is the stack up?") from error
        made = int(progress.tasks[0].completed) - len(without_page)
    typer.echo(f"{made} pages, indexes of {days} days")
    for key in without_page:
        ERRORS.print(f"no page: {key}", markup=False)


@docs.command("dbt")
def dbt_pages(
    home: HomeOption = DEFAULT_HOME,
    *,
    only_print: Annotated[bool, typer.Option("--print", help="Only say where.")] = False,
) -> None:
    """Document every model of lake and marts anew, open the page, and print its address."""
    from cytolake.dbt_docs import put_pages  # noqa: PLC0415 - as above

    try:
        with ERRORS.status("dbt documents lake and marts"):
            asyncio.run(put_pages(stack_of(home).blueprint))
        address = gateway_of(home).url(DBT)
    except (GatewayError, StackError, Retryable) as error:
        ERRORS.print(f"{error}: is the stack up?", style="red", markup=False)
        raise typer.Exit(2) from error
    typer.echo(address)
    ERRORS.print(SIGN_IN)
    if not only_print:
        webbrowser.open(address)


def newest_page(gateway: Gateway, object_id: str) -> str | None:
    """Return the path of the page of a file's last result; None when it has none."""
    runs = gateway.history(object_id).get("runs", [])
    pages = [event.get("page") for run in runs for event in run.get("events", [])]
    return next((page for page in reversed(pages) if page), None)
