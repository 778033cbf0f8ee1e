"""What a person sees of a pull: a line per stream while it comes, a line for what became of it."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

EVERY = 100
"""Records between two looks: drawing is not what a pull should spend its time on."""


class Terminal:
    """Counts that grow, on the error stream; nothing where it is no terminal."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._bars = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}"),
            TimeElapsedColumn(), console=self.console, transient=True,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        self._bars.add_task("asking the LIMS", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._bars.stop()

    def progress(self, stream: str, came: int) -> None:
        """Show how many records of a stream have come."""
        if stream not in self._tasks:
            self._tasks[stream] = self._bars.add_task(stream, total=None)
        if came % EVERY == 0:
            self._bars.update(self._tasks[stream], completed=came)
