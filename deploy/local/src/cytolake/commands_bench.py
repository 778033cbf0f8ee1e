"""`cytolake bench` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

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
    typer.Option(
        "--large", min=0.01, help="Only this: a CSV of so many GB, its time and its memory."
    ),
]
StarOption = Annotated[
    bool,
    typer.Option("--star", help="Only this: a build of one batch's new files, by history."),
]
WorkbookOption = Annotated[
    Path | None,
    typer.Option(
        "--workbook",
        exists=True,
        dir_okay=False,
        help="A QuantStudio Design & Analysis workbook, whose conversion is measured too.",
    ),
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
    star: StarOption = False,
    workbook: WorkbookOption = None,
    as_data: JsonOption = False,
) -> None:
    """Measure PUT to mart row, where the time goes, a backlog, and a bare script beside them."""
    if large is not None:
        _bench_large(large, output, home, store)
        return
    if star:
        _bench_star(output, quick=quick, as_data=as_data)
        return
    # Late: no other command should wait for what this one imports.
    from cytolake.bench_run import run  # noqa: PLC0415

    run(home, store=store, output=output, quick=quick, as_data=as_data, workbook=workbook)


def _bench_large(
    gigabytes: float, output: Path | None, home: Path | None, store: StoreKind | None
) -> None:
    from cytolake.bench_large import measure_large, told  # noqa: PLC0415
    from cytolake.bench_large_stack import Peak, measure_peaks  # noqa: PLC0415
    from cytolake.bench_run import stack_for  # noqa: PLC0415

    def tell(words: str) -> None:
        typer.echo(words, err=True)

    def through(tenth: Path, whole: Path) -> dict[str, Peak]:
        with stack_for(home, store) as stack:
            return measure_peaks(stack, tenth, whole, tell)

    report = told(measure_large(gigabytes, tell, through))
    typer.echo(report)
    if output is not None:
        output.write_text(report + "\n")


def _bench_star(output: Path | None, *, quick: bool, as_data: bool) -> None:
    from cytolake.bench_star import StarPlan, measure_star, print_star  # noqa: PLC0415

    plan = StarPlan.quick() if quick else StarPlan()
    report = measure_star(plan, lambda words: typer.echo(words, err=True))
    text = report.as_json()
    if output is not None:
        output.write_text(text + "\n")
    if as_data:
        typer.echo(text)
    else:
        print_star(Console(), report)
