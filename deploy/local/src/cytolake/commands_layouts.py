"""`cytolake layout`: teach the stack a new kind of table, without Python."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

import typer
from rich.console import Console
from rich.table import Table

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption, in_words
from cytolake.commands_stack import TOLD
from cytolake.errors import StackError
from cytolake.home import Home
from cytolake.layouts.draft import Draft, Drafting
from cytolake.layouts.samples import read_samples
from cytolake.layouts.tried import MADE, Tried, chosen_layout, tried
from cytolake_contracts.layouts import (
    SUFFIX,
    Layout,
    LayoutError,
    layout_from,
    layout_texts,
    load_layouts,
)
from cytolake_contracts.schemas import layout_schema

app = typer.Typer(no_args_is_help=True, help="Teach the stack new kinds of CSV and XLSX tables.")

SHOWN_ROWS = 5
LayoutArgument = Annotated[str, typer.Argument(help="A layout file, or the name of a layout.")]
FilesArgument = Annotated[list[Path], typer.Argument(help="Files of that kind.")]


def register(root: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    root.add_typer(app, name="layout")


@app.command("propose")
def propose(
    files: Annotated[list[Path], typer.Argument(help="Two or more files of the same kind.")],
    *,
    name: Annotated[str | None, typer.Option(help="The layout's name; made from the file.")] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write it; else printed.")] = None,
    dataset: Annotated[str | None, typer.Option(help="measurement or result, if told.")] = None,
    dates: Annotated[
        Literal["day-first", "month-first"] | None,
        typer.Option(help="How to read dates such as 03/04/2026."),
    ] = None,
) -> None:
    """Draft a layout file from sample files; it says what a person must check."""
    with in_words():
        drafting = Drafting(
            samples=read_samples(files),
            name=name or _name_from(files[0]),
            dataset=dataset,
            order=dates.removesuffix("-first") if dates else None,
        )
        draft = drafting.draft()
        written = _write(output, draft) if output else None
    if written is None:
        typer.echo(draft.text, nl=False)
    for question in draft.questions:
        TOLD.print(f"TODO {question}", style="yellow", markup=False, soft_wrap=True)
    TOLD.print(f"then: cytolake layout test {written or f'{draft.name}{SUFFIX}'} FILE...")


@app.command("test")
def try_on_files(
    layout: LayoutArgument,
    files: FilesArgument,
    home: HomeOption = DEFAULT_HOME,
    *,
    timezone: Annotated[str, typer.Option(help="Zone of times that name none.")] = "UTC",
    rows: Annotated[int, typer.Option(help="How many rows to show of each file.")] = SHOWN_ROWS,
    as_data: JsonOption = False,
) -> None:
    """Show the rows as they would be, every cell not read, every rule broken; or exit with 1."""
    with in_words():
        found = tried(chosen_layout(layout, _folder(home)), files, _zone(timezone))
    if as_data:
        typer.echo(json.dumps([one.as_data() for one in found], indent=2, default=str))
    else:
        for one in found:
            _print(one, rows)
    if not all(one.is_loadable for one in found):
        raise typer.Exit(1)


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="A layout file.")], home: HomeOption = DEFAULT_HOME
) -> None:
    """Put a layout into the stack: it is checked, and in force at once."""
    with in_words():
        stack = Home.at(home)
        try:
            layout = layout_from(file)
        except LayoutError as error:
            raise StackError(str(error)) from error
        if f"{layout.name}{SUFFIX}" in layout_texts():
            raise StackError(f"{layout.name} is a shipped layout's name; take another one")
        schema = json.dumps(layout_schema(), indent=2) + "\n"
        stack.write_private(stack.layouts / "layout.schema.json", schema)
        target = stack.layouts / file.name
        was_there = target.exists()
        stack.write_private(target, file.read_text(encoding="utf-8"))
    what = "changed" if was_there else "added"
    typer.echo(f"layout {layout.name} {what}: {layout.title}, rows of {layout.dataset}")
    typer.echo(f"next: cytolake source add NAME --layout {layout.name}")


@app.command("list")
def list_all(home: HomeOption = DEFAULT_HOME, *, as_data: JsonOption = False) -> None:
    """List the layouts, shipped and of this stack."""
    with in_words():
        found = _layouts(home)
    shipped = {name.removesuffix(SUFFIX) for name in layout_texts()}
    rows = [
        {"name": n, "title": one.title, "dataset": one.dataset, "shipped": n in shipped}
        for n, one in sorted(found.items())
    ]
    if as_data:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("name", "title", "dataset", "", box=None)
    for row in rows:
        table.add_row(
            str(row["name"]),
            str(row["title"]),
            str(row["dataset"]),
            "shipped" if row["shipped"] else "",
        )
    Console().print(table)


@app.command("show")
def show(name: Annotated[str, typer.Argument()], home: HomeOption = DEFAULT_HOME) -> None:
    """Print a layout's file."""
    with in_words():
        if name not in _layouts(home):
            known = ", ".join(sorted(_layouts(home)))
            raise StackError(f"there is no layout {name!r}; there are {known}")
        shipped = layout_texts().get(f"{name}{SUFFIX}")
        text = shipped or (_folder(home) / f"{name}{SUFFIX}").read_text(encoding="utf-8")
    typer.echo(text, nl=False)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise StackError(f"{name!r} is no IANA time zone; write one such as Europe/Berlin")
    return name


def _layouts(home: Path) -> dict[str, Layout]:
    try:
        return load_layouts(_folder(home))
    except LayoutError as error:
        raise StackError(str(error)) from error


def _folder(home: Path) -> Path:
    """Return the stack's own layouts; without a stack there is no such folder, and none in it."""
    return home.expanduser().resolve() / "layouts"


def _name_from(file: Path) -> str:
    name = re.sub(r"[^a-z]+", "_", file.stem.casefold()).strip("_")
    return name or "table"


def _write(output: Path, draft: Draft) -> Path:
    target = output / f"{draft.name}{SUFFIX}" if output.is_dir() else output
    if target.name != f"{draft.name}{SUFFIX}":
        raise StackError(f"the file of the layout {draft.name} is called {draft.name}{SUFFIX}")
    if target.exists():
        raise StackError(f"{target} is there already; it is not overwritten")
    target.write_text(draft.text, encoding="utf-8")
    TOLD.print(f"written: {target}", markup=False, soft_wrap=True)
    return target


def _print(one: Tried, most: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if one.rejection is not None:
        console.print(f"{one.file.name}: {one.rejection.code}", style="red", markup=False)
        console.print(one.rejection.message, markup=False)
        return
    state = "would be loaded" if one.is_loadable else "would go to quarantine"
    console.print(f"{one.file.name}: {one.count} rows, {state}", markup=False)
    columns = [
        name for name in (one.rows[0] if one.rows else ()) if name not in MADE
        and any(row[name] is not None for row in one.rows)
    ]  # fmt: skip
    table = Table(*columns, box=None)
    for row in one.rows[:most]:
        table.add_row(*(str("" if row[name] is None else row[name]) for name in columns))
    Console(width=max(80, 14 * len(columns))).print(table)
    for failure in one.failures:
        style = "red" if failure.severity == "block" else "yellow"
        told = f"{failure.severity}: {failure.rule}: {failure.message}"
        console.print(told, *failure.examples, sep="\n    ", style=style, markup=False)
    for warning in one.warnings:
        console.print(f"warning: {warning}", style="yellow", markup=False)
    if one.unread:
        console.print(f"{len(one.unread)} not read:", style="yellow")
        console.print(*one.unread, sep="\n", markup=False)
