"""`cytolake contracts`: what derives from the dataset contracts, written and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cytolake.commands_stack import in_words
from cytolake.contract_files import MEND, artefacts, checkout, differences, write

app = typer.Typer(
    no_args_is_help=True,
    help="What derives from the dataset contracts: written, and checked. In a checkout.",
)
RootOption = Annotated[
    Path, typer.Option("--root", help="The checkout, or a folder in it.", show_default=False)
]


@app.command("build")
def build(root: RootOption = Path()) -> None:
    """Write every file that derives from contracts/datasets."""
    with in_words():
        folder = checkout(root)
        written = write(folder, artefacts(folder))
    for path in written:
        typer.echo(f"written: {path}")
    typer.echo(f"{len(written)} files written" if written else "nothing to write")


@app.command("check")
def check(root: RootOption = Path()) -> None:
    """Fail when a derived file was edited by hand or is behind its contract."""
    with in_words():
        folder = checkout(root)
        found = differences(folder, artefacts(folder))
    for difference in found:
        typer.echo(f"{difference.path} {difference.what}", err=True)
    if found:
        typer.echo(f"{len(found)} files are not as the contracts say; mend: {MEND}", err=True)
        raise typer.Exit(1)
    typer.echo("every derived file is as the contracts say")
