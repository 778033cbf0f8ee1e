"""The plant without a stack: its truth on paper, its files in a folder."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from cytolake.synthetic.plant import World, timeline, truth

MANIFEST = ("at", "key", "ends", "reason_code", "fault")
SHOWN_ROWS = 30


def print_truth(world: World, *, as_json: bool) -> None:
    """Print every KPI's truth: all rows as JSON, the first ones as tables."""
    told = truth(world)
    if as_json:
        plant = {
            "synthetic": True,
            "seed": world.seed,
            "batches": len(world.batches),
            "horizon": world.horizon.isoformat(),
            "kpis": told,
        }
        typer.echo(json.dumps(plant, indent=2, allow_nan=False))
        return
    console = Console()
    for name, rows in told.items():
        table = Table(*(rows[0] if rows else ("nothing",)), title=f"{name} (SYNTHETIC)")
        for row in rows[:SHOWN_ROWS]:
            table.add_row(*map(_cell, row.values()))
        console.print(table)
        if len(rows) > SHOWN_ROWS:
            console.print(f"… {len(rows) - SHOWN_ROWS} more rows: --json", style="dim")


def write_all(world: World, folder: Path) -> None:
    """Write every file below the folder, by its key, and a manifest of what becomes of each."""
    drops = timeline(world)
    for drop in drops:
        path = folder / drop.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drop.body)
    with (folder / "SYNTHETIC-MANIFEST.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(MANIFEST)
        for drop in drops:
            said = (drop.at.isoformat(), drop.key, drop.ends, drop.reason_code, drop.fault)
            writer.writerow(one or "" for one in said)
    typer.echo(f"{len(drops)} SYNTHETIC files of {len(world.batches)} batches in {folder}")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
