"""The command `cytolake`: the stack, its sources, files, dead letters, demo, plant, bench."""

from __future__ import annotations

import typer

from cytolake import (
    commands_as_of,
    commands_bench,
    commands_check,
    commands_contracts,
    commands_dead,
    commands_demo,
    commands_docs,
    commands_files,
    commands_layouts,
    commands_lims,
    commands_lims_keys,
    commands_lims_pull,
    commands_people,
    commands_plant,
    commands_pull,
    commands_quarantine,
    commands_release,
    commands_replay,
    commands_sources,
    commands_stack,
    commands_watch,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A lakehouse for cell and gene therapy data, on one machine.",
)
commands_stack.register(app)
app.add_typer(commands_sources.app, name="source")
app.add_typer(commands_layouts.app, name="layout")
app.add_typer(commands_people.app, name="person")
app.add_typer(commands_quarantine.app, name="quarantine")
app.add_typer(commands_release.app, name="release")
app.add_typer(commands_contracts.app, name="contracts")
lims = typer.Typer(
    no_args_is_help=True, help="Let a LIMS send webhooks, or connect it and fetch what it knows."
)
for commands in (commands_lims, commands_lims_keys, commands_lims_pull):
    commands.register(lims)
app.add_typer(lims, name="lims")
for commands in (
    commands_files,
    commands_replay,
    commands_dead,
    commands_watch,
    commands_pull,
    commands_docs,
    commands_demo,
    commands_plant,
    commands_bench,
    commands_check,
    commands_as_of,
):
    commands.register(app)
