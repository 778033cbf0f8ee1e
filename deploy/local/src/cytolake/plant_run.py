"""What `cytolake plant` does on a stack: register the sources, stream, say what became of it."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cytolake.bench_stack import InboundBucket
from cytolake.client import Gateway
from cytolake.commands_options import stack_of
from cytolake.plant_stream import NotEndedError, Stream, View, unlike
from cytolake.stack import Stack
from cytolake.synthetic.plant import Drop, World, sources_of, timeline

ERRORS = Console(stderr=True)
LINE_EVERY = 100


class BarView:
    """For a terminal: one bar of the files that have ended, with the plant's own date."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("SYNTHETIC plant, {task.fields[day]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[states]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._task = self.progress.add_task("plant", day="", states="", total=None)

    def shows(self, stream: Stream, at: datetime) -> None:
        """Move the bar."""
        states = ", ".join(f"{n} {state}" for state, n in sorted(stream.by_state.items()))
        self.progress.update(
            self._task,
            completed=len(stream.ended),
            total=stream.total,
            day=f"{at:%Y-%m-%d}",
            states=f"{stream.dropped} dropped, {states}",
        )


class LinesView:
    """For a log: a line now and then."""

    def __init__(self) -> None:
        self._told = 0

    def shows(self, stream: Stream, at: datetime) -> None:
        """Write a line when much has changed."""
        done = stream.dropped + len(stream.ended)
        if done - self._told >= LINE_EVERY:
            self._told = done
            typer.echo(
                f"SYNTHETIC plant, {at:%Y-%m-%d}: {stream.dropped} of {stream.total} dropped, "
                f"{len(stream.ended)} ended",
                err=True,
            )


def run(home: Path, world: World, *, speed: float, keep: bool, as_json: bool) -> bool:
    """Stream the plant into the home's stack; return whether all went as it was meant to."""
    stack = stack_of(home)
    keeps_running = keep or stack.is_running
    try:
        return _streamed(stack, world, speed=speed, as_json=as_json)
    except NotEndedError as error:
        ERRORS.print(f"{error}: see `cytolake status`", style="red")
        return False
    finally:
        if not keeps_running:
            ERRORS.print("stopping the stack, the data stay", style="dim")
            stack.down()


def _streamed(stack: Stack, world: World, *, speed: float, as_json: bool) -> bool:
    stack.up(lambda words: ERRORS.print(words, style="dim", highlight=False))
    environment = stack.env()
    gateway, inbound = Gateway.at(environment), InboundBucket(environment)
    drops = timeline(world)
    began = time.monotonic()
    try:
        for source in sources_of(world):
            gateway.add_source(
                source.name, vendor=source.vendor, layout=source.layout, timezone=source.timezone
            )
        if ERRORS.is_terminal and not as_json:
            bar = BarView(ERRORS)
            with bar.progress:
                stream = _run(gateway, inbound, bar, drops, speed)
        else:
            stream = _run(gateway, inbound, LinesView(), drops, speed)
    finally:
        inbound.close()
        gateway.close()
    return _told(stream, world, drops, time.monotonic() - began, as_json=as_json)


def _run(
    gateway: Gateway, inbound: InboundBucket, view: View, drops: list[Drop], speed: float
) -> Stream:
    stream = Stream(inbound=inbound, files=gateway, view=view)
    stream.run(drops, days_per_minute=speed)
    return stream


def _told(
    stream: Stream, world: World, drops: list[Drop], seconds: float, *, as_json: bool
) -> bool:
    wrong = unlike(drops, stream.ended)
    if as_json:
        told = {
            "synthetic": True,
            "seed": world.seed,
            "batches": len(world.batches),
            "files": len(drops),
            "states": dict(sorted(stream.by_state.items())),
            "unlike_meant": wrong,
            "seconds": round(seconds, 1),
        }
        typer.echo(json.dumps(told, indent=2))
        return not wrong
    states = ", ".join(f"{n} {state}" for state, n in sorted(stream.by_state.items()))
    typer.echo(
        f"{len(world.batches)} SYNTHETIC batches, {len(drops)} files in {seconds:.1f} s: {states}"
    )
    for line in wrong:
        typer.secho(line, err=True, fg="red")
    typer.echo("what every KPI truly is: cytolake plant --truth")
    return not wrong
