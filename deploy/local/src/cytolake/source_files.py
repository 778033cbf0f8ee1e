"""Sources as a YAML file: what is to be registered, told apart from what is already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from cytolake.errors import StackError
from cytolake.sources import SETTINGS

HEAD = """\
# Sources of Cytolake. `cytolake source apply FILE` registers what is new and changes what differs;
# it takes nothing away, and applied again it does nothing.
"""


def read_sources(path: Path) -> list[dict[str, Any]]:
    """Return the file's sources, each with its name; raise StackError that says what is wrong.

    Only the file's own form is looked at here: what vendors and layouts there are, the gateway
    knows.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise StackError(
            f"{path} is no YAML{line}: {getattr(error, 'problem', None) or error}"
        ) from error
    found = document.get("sources") if isinstance(document, Mapping) else None
    if not isinstance(found, list) or not found:
        raise StackError(f"{path} should hold a list `sources:` with a `- name: …` for each")
    faults = [fault for place, one in enumerate(found, start=1) for fault in _faults(place, one)]
    faults += _twice(one["name"] for one in found if isinstance(one, Mapping) and "name" in one)
    if faults:
        raise StackError("\n".join([f"{path} is not applied:", *(f"  {one}" for one in faults)]))
    return found


def written(sources: Sequence[Mapping[str, Any]]) -> str:
    """Return the sources as such a file: what a registration sets, and nothing empty."""
    told = [
        {"name": source["name"], **{name: source[name] for name in SETTINGS if source.get(name)}}
        for source in sources
    ]
    return HEAD + yaml.safe_dump({"sources": told}, sort_keys=False, allow_unicode=True)


def _faults(place: int, one: object) -> list[str]:
    if not isinstance(one, Mapping) or not isinstance(one.get("name"), str):
        return [f"source {place} has no name"]
    unknown = sorted(str(name) for name in set(one) - {"name", *SETTINGS})
    known = ", ".join(SETTINGS)
    return [f"{one['name']}: {name!r} is nothing a source has ({known})" for name in unknown]


def _twice(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    faults = []
    for name in names:
        if name in seen:
            faults.append(f"{name} stands twice")
        seen.add(name)
    return faults
