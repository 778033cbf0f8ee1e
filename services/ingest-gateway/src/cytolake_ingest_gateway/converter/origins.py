"""Where calculated values and gated populations belong.

They are followed through ids that parsers make up anew for every parse: never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cytolake_ingest_gateway.converter.context import Context, only
from cytolake_ingest_gateway.converter.values import label

POPULATION_ID = "population identifier"
PARENT_ID = "parent population identifier"
CALCULATED_ID = "calculated data identifier"
NOT_ORIGINS = frozenset({"sample identifier", "data source identifier", PARENT_ID})
"""Identifiers that refer, or that several documents share."""


@dataclass(slots=True)
class Origins:
    """Which context each identifier stands for, and which parents each population has."""

    contexts: dict[str, Context] = field(default_factory=dict)
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    populations: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def note(self, document: Mapping[str, Any], context: Context) -> None:
        """Remember whatever this document is called, before anything refers to it."""
        for key, value in document.items():
            if key.endswith(" identifier") and key not in NOT_ORIGINS and isinstance(value, str):
                self.contexts.setdefault(value, context)
        name = label(document.get("written name"))
        identity = document.get(POPULATION_ID)
        if name and isinstance(identity, str):
            parent = document.get(PARENT_ID)
            self.populations[identity] = (name, parent if isinstance(parent, str) else None)
        if isinstance(document.get(CALCULATED_ID), str):
            self.sources[document[CALCULATED_ID]] = source_ids(document)

    def of_calculated(self, document: Mapping[str, Any]) -> Context | None:
        """Return what the values that this one was calculated from have in common."""
        found: Context | None = None
        for identity in self._measured(source_ids(document)):
            context = self.contexts[identity]
            found = context if found is None else found.agreeing_with(context)
        return found

    def path_of(self, parent: object) -> str | None:
        """Return the path of a population by its identifier, from the outermost in."""
        names: list[str] = []
        seen: set[str] = set()
        while isinstance(parent, str) and parent in self.populations and parent not in seen:
            seen.add(parent)
            name, parent = self.populations[parent]
            if not name.casefold().endswith(".fcs"):
                names.append(name)
        return "/".join(reversed(names)) or None

    def _measured(self, identities: Iterable[str]) -> list[str]:
        """Follow calculated values to the measured ones that they rest on."""
        waiting, seen, found = list(identities), set[str](), list[str]()
        while waiting:
            identity = waiting.pop()
            if identity in seen:
                continue
            seen.add(identity)
            if identity in self.sources:
                waiting += self.sources[identity]
            elif identity in self.contexts:
                found.append(identity)
        return found


def source_ids(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of what a calculated value was calculated from."""
    aggregate = only(document.get("data source aggregate document")) or {}
    sources = aggregate.get("data source document")
    sources = sources if isinstance(sources, list) else [sources]
    ids = (
        source.get("data source identifier") for source in sources if isinstance(source, Mapping)
    )
    return tuple(identity for identity in ids if isinstance(identity, str))
