"""The command `cytolake`: the stack, its sources, files, dead letters, demo, plant, bench.

A command's module is imported when that command is asked for: all of them together import the
drivers of every server and the readers of every file, a second that `cytolake status` need not
take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

import typer
from typer.core import TyperGroup

MODULES: Mapping[str, tuple[str, ...]] = {
    "up": ("stack",),
    "down": ("stack",),
    "status": ("stack",),
    "env": ("stack",),
    "put": ("files",),
    "files": ("files",),
    "file": ("files",),
    "replay": ("replay",),
    "revalidate": ("replay",),
    "watch": ("watch",),
    "pull": ("pull",),
    "demo": ("demo",),
    "plant": ("plant",),
    "bench": ("bench",),
    "check": ("check",),
    "as-of": ("as_of",),
    "source": ("sources",),
    "layout": ("layouts",),
    "person": ("people",),
    "quarantine": ("quarantine",),
    "release": ("release",),
    "contracts": ("contracts",),
    "lims": ("lims", "lims_keys", "lims_pull"),
    "dead": ("dead",),
    "docs": ("docs",),
}
"""Where each command is, in the order that `--help` shows: `stack` is cytolake.commands_stack."""
LIMS_HELP = "Let a LIMS send webhooks, or connect it and fetch what it knows."


class Commands(Mapping[str, object]):
    """Every command by its name, imported when it is looked up."""

    def __getitem__(self, name: str) -> object:
        return _mounted(MODULES[name])[name]

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


class Root(TyperGroup):
    """The group of all commands."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type] # typer's own settings
        self.commands = Commands()  # type: ignore[assignment] # nothing is added to it


app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A lakehouse for cell and gene therapy data, on one machine.",
)


@app.callback()
def cytolake() -> None:
    """Take no options of its own: a group of commands may not be without a callback."""


@cache
def _mounted(names: tuple[str, ...]) -> Mapping[str, object]:
    part = typer.Typer()
    group = part
    if len(names) > 1:
        group = typer.Typer(no_args_is_help=True, help=LIMS_HELP)
        part.add_typer(group, name="lims")
    for name in names:
        import_module(f"cytolake.commands_{name}").register(group)
    return typer.main.get_group(part).commands
