"""Write the reference pages that derive from code: `uv run just docs`.

A hand edit of one of these pages fails `tests/architecture/test_docs.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from cytolake_contracts import EVENTS, Event, ReasonCode
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layout_page import layouts_page
from cytolake_contracts.pages import dataset_pages
from cytolake_contracts.schemas import asyncapi, event_schema

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/generate.py (`uv run just docs`): edit what it derives from. -->\n\n"
SETTINGS = {
    "api": ("cytolake_ingest_gateway.api.settings", "ApiSettings"),
    "intake": ("cytolake_ingest_gateway.intake.settings", "IntakeSettings"),
    "converter": ("cytolake_ingest_gateway.converter.settings", "ConverterSettings"),
    "validator": ("cytolake_validator.settings", "ValidatorSettings"),
    "transformer": ("cytolake_transformer.settings", "TransformerSettings"),
    "mart-loader": ("cytolake_mart_loader.settings", "MartLoaderSettings"),
    "lineage": ("cytolake_lineage.settings", "LineageSettings"),
    "checker": ("cytolake_validator.checker.settings", "CheckerSettings"),
}
NOT_SHOWN = {"help", "install_completion", "show_completion"}

EVENTS_HEAD = """# Events

CloudEvents 1.0 as structured JSON; one NATS subject per kind, `cytolake.<site>.<noun>.<verb>`.
Extension attributes: `site`, `runid`, `runno`, `objectid`, `announcement`, `traceparent`.
The contract of each is the JSON Schema named; valid and invalid examples lie in
`contracts/examples`. `contracts/asyncapi.yaml` says who sends and who receives.
"""

SETTINGS_HEAD = """# Settings

Services read their settings from the environment and from nowhere else; `cytolake up` sets them.
"""

REASONS_HEAD = """# Reason codes

Why a file did not become rows. A code stays what it is; the sentence beside it (`message`) is
written for people. See also [states](states.md).
"""

CLI_HEAD = """# The command line

`cytolake COMMAND --help` says the same.
"""


def events_page() -> str:
    """Every event: who says it, who hears it, what is in it."""
    return "\n".join([EVENTS_HEAD, *(line for event in EVENTS for line in _event(event))])


def _event(event: type[Event]) -> Iterator[str]:
    schema = event_schema(event.type_name())
    said, heard = _services(event.noun_verb)
    yield f"## `{event.noun_verb}`\n"
    yield f"{str(schema.get('description', event.__doc__)).strip()}\n"
    yield f"- type `{event.type_name()}`"
    yield f"- schema `contracts/events/{event.noun_verb}.v{event.version}.schema.json`"
    yield f"- sent by {said}; received by {heard}\n"
    yield from _table(("in `data`", "required", "what"), _fields(event))


def _services(noun_verb: str) -> tuple[str, str]:
    document = asyncapi()
    names: dict[str, set[str]] = {"send": set(), "receive": set()}
    for operation in document["operations"].values():
        channel = document["channels"][operation["channel"]["$ref"].rsplit("/", 1)[-1]]
        if channel["address"] in {f"cytolake.*.{noun_verb}", "cytolake.>"}:
            names[operation["action"]].add(operation["x-service"])
    said, heard = (", ".join(sorted(names[action])) or "nobody" for action in ("send", "receive"))
    return said, heard


def _fields(event: type[Event]) -> Iterator[tuple[str, ...]]:
    data: Any = event.model_fields["data"].annotation
    for name, field in data.model_fields.items():
        kind = getattr(field.annotation, "__name__", str(field.annotation))
        yield (
            f"`{name}`",
            "yes" if field.is_required() else "",
            field.description or _words(field.annotation) or f"`{kind}`",
        )


def _words(annotation: Any) -> str:
    """The first line of the docstring of a type that is our own."""
    own = str(getattr(annotation, "__module__", "")).startswith("cytolake")
    return str(annotation.__doc__).splitlines()[0] if own else ""


def settings_page() -> str:
    """Every setting of every service."""
    shared = _settings("cytolake_runtime.settings", "ServiceSettings")
    lines = [SETTINGS_HEAD, "## Every service\n", *_settings_table(shared, {})]
    for service, (module, name) in SETTINGS.items():
        own = _settings_table(_settings(module, name), shared.model_fields)
        lines += [f"## {service}\n", *(own or ["Nothing of its own.\n"])]
    return "\n".join(lines)


def _settings(module: str, name: str) -> type[BaseSettings]:
    found: type[BaseSettings] = getattr(importlib.import_module(module), name)
    return found


def _settings_table(settings: type[BaseSettings], known: Mapping[str, Any]) -> list[str]:
    prefix = settings.model_config.get("env_prefix", "")
    rows = [
        (f"`{prefix}{name}`".upper(), _default(field), field.description)
        for name, field in settings.model_fields.items()
        if name not in known or known[name].default != field.default
    ]
    return list(_table(("variable", "default", "what"), rows)) if rows else []


def _default(field: Any) -> str:
    if field.default is PydanticUndefined:
        return "(required)" if field.default_factory is None else "(computed)"
    return "" if str(field.default) in {"", "None"} else f"`{field.default}`"


def reasons_page() -> str:
    """Every reason code."""
    return "\n".join([REASONS_HEAD, *_table(("code",), ((f"`{code}`",) for code in ReasonCode))])


def cli_page() -> str:
    """Every command of `cytolake`, as `--help` shows it."""
    return "\n".join([CLI_HEAD, *(line for found in commands() for line in _command(*found))])


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that can be run, with the words that it takes."""
    app = importlib.import_module("cytolake.cli").app
    yield from _walk(("cytolake",), typer.main.get_command(app))


def _walk(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    below = getattr(command, "commands", {})
    if not below or command.params:
        yield words, command
    for name, sub in sorted(below.items()):
        if not sub.hidden:
            yield from _walk((*words, name), sub)


def _command(words: tuple[str, ...], command: Any) -> Iterator[str]:
    yield f"## `{' '.join(words)}`\n"
    yield "\n".join(line.rstrip() for line in (command.help or "").strip().splitlines()) + "\n"
    rows = [_parameter(found) for found in command.params if found.name not in NOT_SHOWN]
    if rows:
        yield from _table(("argument or option", "default", "what"), rows)


def _parameter(parameter: Any) -> tuple[str, ...]:
    is_option = parameter.param_type_name == "option"
    names = parameter.opts if is_option else [parameter.metavar or parameter.name.upper()]
    default = "(required)" if parameter.required else ""
    if parameter.default not in (None, False, ()) and not callable(parameter.default):
        default = f"`{parameter.default}`"
    return ", ".join(f"`{name}`" for name in names), default, getattr(parameter, "help", None) or ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (" ".join((cell or "").split()).replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
    yield ""


PAGES: dict[str, Callable[[], str]] = {
    "events.md": events_page,
    "settings.md": settings_page,
    "layouts.md": layouts_page,
    "reasons.md": reasons_page,
    "cli.md": cli_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(NOTE + page().rstrip("\n") + "\n", encoding="utf-8")
    for name, text in dataset_pages(load_contracts().values()).items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
