"""`cytolake plant` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cytolake.commands_options import DEFAULT_HOME, HomeOption, JsonOption

BatchesOption = Annotated[int, typer.Option("--batches", min=1, help="How many batches are made.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same plant.")]
SpeedOption = Annotated[
    float,
    typer.Option("--speed", min=0, help="Days of the plant per minute; 0 is as fast as possible."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Write files and records into this folder; no stack is needed."),
]
TruthOption = Annotated[
    bool, typer.Option("--truth", help="Only print what every KPI truly is; no stack is needed.")
]
KeepOption = Annotated[bool, typer.Option("--keep", help="Leave the stack running at the end.")]


def register(app: typer.Typer) -> None:
    """Mount the command on the CLI."""
    app.command("plant")(plant)


def plant(
    home: HomeOption = DEFAULT_HOME,
    *,
    batches: BatchesOption = 20,
    seed: SeedOption = 7,
    speed: SpeedOption = 0.0,
    out: OutOption = None,
    truth: TruthOption = False,
    keep: KeepOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run a synthetic plant: CAR-T and AAV batches with their files, records and faults.

    Everything is made up, says so, and is the same whenever seed and number of batches are. The
    stack is stopped at the end unless --keep is given or it was running before. The data stay.
    """
    # Late: no other command should wait for what these import.
    from cytolake import plant_print, plant_run  # noqa: PLC0415
    from cytolake.synthetic.plant import build  # noqa: PLC0415

    world = build(seed, batches)
    if truth:
        plant_print.print_truth(world, as_json=as_json)
    elif out is not None:
        plant_print.write_all(world, out)
    elif not plant_run.run(home, world, speed=speed, keep=keep, as_json=as_json):
        raise typer.Exit(1)
