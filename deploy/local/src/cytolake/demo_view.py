"""Every file on its way through the stages: a live table, plain lines, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cytolake.client import ENDS
from cytolake.demo_drops import Drop

STAGES = ("received", "landed", "converted", "validated", "built", "loaded")
COLOURS = {"loaded": "green", "rejected": "red", "quarantined": "yellow"}
PASSED = {"rejected": "landed", "quarantined": "converted", "duplicate": "received"}
"""The last stage that a file in such an end has passed for certain."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One dropped file, and every state that it was seen in."""

    drop: Drop
    object_id: str
    seen: dict[str, float] = field(default_factory=dict)
    """State -> seconds since the drop at which it was first seen."""

    @property
    def state(self) -> str:
        """The newest state; empty before intake has seen the file."""
        return next(reversed(self.seen), "")

    @property
    def has_ended(self) -> bool:
        """Whether the file has come to rest."""
        return self.state in ENDS


class View(Protocol):
    """Shows journeys as they go on."""

    def step(self, words: str) -> None:
        """Tell what is being done."""
        ...

    def watching(self, journeys: list[Journey]) -> AbstractContextManager[object]:
        """Show these until the context ends."""
        ...

    def changed(self, journey: Journey) -> None:
        """A file is in a new state."""
        ...


class LiveView:
    """For a terminal: one line a file, a dot a stage."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._journeys: list[Journey] = []
        self._live = Live(console=console, refresh_per_second=12, get_renderable=self.table)

    def step(self, words: str) -> None:
        """Tell what is being done."""
        self._console.print(f"[dim]{words}[/]", highlight=False)

    def watching(self, journeys: list[Journey]) -> AbstractContextManager[object]:
        """Show these until the context ends."""
        self._journeys = journeys
        return self._live

    def changed(self, journey: Journey) -> None:
        """Nothing to do: the table is drawn from the journeys themselves."""

    def table(self) -> Table:
        """Draw every journey as it is now."""
        table = Table("file", "way", *STAGES, "state", "s", title="synthetic batch", expand=False)
        for journey in self._journeys:
            dots = (_dot(journey, stage) for stage in STAGES)
            seconds = f"{next(reversed(journey.seen.values())):.1f}" if journey.seen else ""
            state = Text(journey.state, style=COLOURS.get(journey.state, ""))
            table.add_row(journey.drop.file.name, journey.drop.way, *dots, state, seconds)
        return table


class LineView:
    """For a log: one line a change."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def step(self, words: str) -> None:
        """Tell what is being done."""
        self._write(words)

    def watching(self, journeys: list[Journey]) -> AbstractContextManager[object]:
        """Nothing to prepare: lines are written as changes come."""
        del journeys
        return nullcontext()

    def changed(self, journey: Journey) -> None:
        """Write the change."""
        seconds = journey.seen[journey.state]
        self._write(f"{seconds:6.2f} s  {journey.state:<12} {journey.drop.file.name}")


def _dot(journey: Journey, stage: str) -> Text:
    if journey.state == stage:
        return Text("●", style="bold green" if stage == "loaded" else "bold cyan")
    here, furthest = STAGES.index(stage), max(map(_reached, journey.seen), default=-1)
    if here <= furthest:
        return Text("●", style="green")
    if here == furthest + 1 and journey.has_ended:
        return Text("✗", style=COLOURS.get(journey.state, "red"))
    return Text("·", style="dim")


def _reached(state: str) -> int:
    stage = PASSED.get(state, state)
    return STAGES.index(stage) if stage in STAGES else -1
