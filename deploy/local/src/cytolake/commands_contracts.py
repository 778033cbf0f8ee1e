"""`cytolake contracts`: what derives from the dataset contracts, written and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cytolake.commands_options import in_words
from cytolake.contract_files import MEND, artefacts, checkout, differences, write
from cytolake.contract_releases import keep_released, version_faults

app = typer.Typer(
    no_args_is_help=True,
    help="What derives from the dataset contracts: written, and checked. In a checkout.",
)
AgainstOption = Annotated[
    str | None,
    typer.Option(help="A git revision or a folder with contracts, if not the released ones."),
]
RootOption = Annotated[
    Path, typer.Option("--root", help="The checkout, or a folder in it.", show_default=False)
]


def register(root: typer.Typer) -> None:
    """Mount the commands on the CLI."""
    root.add_typer(app, name="contracts")


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
def check(root: RootOption = Path(), against: AgainstOption = None) -> None:
    """Fail when a derived file is not as its contract says, or a version not as what changed."""
    with in_words():
        folder = checkout(root)
        found = [f"{d.path} {d.what}" for d in differences(folder, artefacts(folder))]
        unsaid = version_faults(folder, against)
    for words in (*found, *unsaid):
        typer.echo(words, err=True)
    if found:
        typer.echo(f"{len(found)} files are not as the contracts say; mend: {MEND}", err=True)
    if found or unsaid:
        raise typer.Exit(1)
    typer.echo("every derived file is as the contracts say, every version as what changed")


@app.command("release")
def release(root: RootOption = Path()) -> None:
    """Keep the contracts as they are as the released ones: later changes are judged by them."""
    with in_words():
        folder = checkout(root)
        kept = keep_released(folder)
    typer.echo(f"{kept} contracts released")
