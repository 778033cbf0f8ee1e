"""What a person sees of it: a bar for the file on its way, a line for each that has arrived."""

from __future__ import annotations

import json
from typing import Protocol, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from cytolake_watch.sending import Stage
from cytolake_watch.watcher import News

STYLES = {"sent": "green", "known": "dim", "busy": "yellow", "away": "yellow", "ended": "bold"}


class View(Protocol):
    """Shows what happens; entered before the first look."""

    def __enter__(self) -> Self:
        """Begin to show."""
        ...

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        ...

    def progress(self, path: str, stage: Stage, done: int, total: int) -> None:
        """Show how far a file is."""
        ...

    def news(self, news: News) -> None:
        """Show what happened."""
        ...


class Terminal:
    """Bars where there is a terminal; lines everywhere."""

    def __init__(self) -> None:
        """Prepare; nothing is shown yet."""
        self._console = Console(stderr=True, highlight=False)
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(),
            console=self._console, transient=True,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}
        self._said: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def progress(self, path: str, stage: Stage, done: int, total: int) -> None:
        if path not in self._tasks:
            self._tasks[path] = self._bars.add_task(path, total=total)
        self._bars.update(self._tasks[path], description=f"{stage} {path}", completed=done)

    def news(self, news: News) -> None:
        if news.path in self._tasks:
            self._bars.remove_task(self._tasks.pop(news.path))
        if news.kind == "busy" and (news.kind, news.path) in self._said:
            return  # told once: it may be written for hours
        self._said.add((news.kind, news.path))
        self._console.print(
            f"{news.kind:<5} {news.path} {news.message}".rstrip(), style=STYLES[news.kind],
            markup=False,
        )  # fmt: skip


class JsonLines:
    """One JSON object a line, for programs; no progress."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to leave behind."""

    def progress(self, path: str, stage: Stage, done: int, total: int) -> None:
        """Leave it out: a program asks the gateway."""

    def news(self, news: News) -> None:
        typer.echo(json.dumps({"kind": news.kind, "path": news.path, "message": news.message}))
