"""`cytolake bench` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cytolake.blueprint import StoreKind
from cytolake.commands_options import JsonOption

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Measure on this home's stack; a fresh one in /tmp otherwise."),
]
StoreOption = Annotated[
    StoreKind | None,
    typer.Option("--store", help="Object store of a fresh stack; MinIO if on the PATH."),
]
OutputOption = Annotated[Path | None, typer.Option("--output", help="Write the JSON here too.")]
LargeOption = Annotated[
    float | None,
    typer.Option("--large", min=0.01, help="Only this: a CSV of so many GB beside a bare COPY."),
]
QuickOption = Annotated[bool, typer.Option("--quick", help="A few files only: does it work?")]


def register(app: typer.Typer) -> None:
    """Mount the command on the CLI."""
    app.command("bench")(bench)


def bench(
    home: HomeOption = None,
    *,
    store: StoreOption = None,
    output: OutputOption = None,
    quick: QuickOption = False,
    large: LargeOption = None,
    as_data: JsonOption = False,
) -> None:
    """Measure PUT to mart row, where the time goes, a backlog, and a bare script beside them."""
    if large is not None:
        _bench_large(large, output)
        return
    # Late: no other command should wait for what this one imports.
    from cytolake.bench_run import run  # noqa: PLC0415

    run(home, store=store, output=output, quick=quick, as_data=as_data)


def _bench_large(gigabytes: float, output: Path | None) -> None:
    from cytolake.bench_large import measure_large, told  # noqa: PLC0415

    report = told(measure_large(gigabytes, lambda words: typer.echo(words, err=True)))
    typer.echo(report)
    if output is not None:
        output.write_text(report + "\n")
