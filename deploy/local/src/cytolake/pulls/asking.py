"""What a pull asks the connector for: which streams, from where on. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cytolake.errors import StackError
from cytolake.pulls.manifests import COUNT

Found = dict[str, Any]
"""A stream as `discover` told it."""
Known = dict[str, dict[str, Any]]
"""What is remembered of each stream."""


def chosen(streams: list[Found], wanted: Collection[str]) -> list[Found]:
    """Return the streams to read, with those that count them; raise StackError for a wrong name."""
    names = [one["name"] for one in streams if not is_count(one["name"])]
    if unknown := sorted(set(wanted) - set(names)):
        raise StackError(f"there is no stream {unknown[0]!r}: there are {', '.join(names)}")
    return [one for one in streams if counted(one["name"]) in (wanted or names)]


def asked(streams: list[Found], known: Known) -> list[Found]:
    """Leave out counts that say nothing: of streams of which only what is new is read."""
    partial = {one["name"] for one in streams if cursor_of(one) and _state(known, one["name"])}
    return [
        one for one in streams if not (is_count(one["name"]) and counted(one["name"]) in partial)
    ]


def catalog(streams: list[Found]) -> dict[str, Any]:
    """Return the configured catalog of Airbyte's protocol."""
    return {
        "streams": [
            {
                "stream": one,
                "sync_mode": "incremental" if cursor_of(one) else "full_refresh",
                "destination_sync_mode": "append",
            }
            for one in streams
        ]
    }


def states(streams: list[Found], known: Known) -> list[dict[str, Any]]:
    """Return Airbyte's states of the streams that are read on from where they were."""
    named = [one["name"] for one in streams if cursor_of(one)]
    return [known[name]["airbyte"] for name in named if _state(known, name)]


def is_count(name: str) -> bool:
    """Tell whether a stream only counts another."""
    return name.endswith(COUNT)


def counted(name: str) -> str:
    """Return the stream that a count is of; a stream itself for itself."""
    return name.removesuffix(COUNT)


def cursor_of(one: Found) -> str | None:
    """Return the field by which a stream is read on from where it was; None: always whole."""
    fields = one.get("default_cursor_field") or ()
    return fields[0] if fields and "incremental" in one["supported_sync_modes"] else None


def key_of(one: Found) -> tuple[str, ...]:
    """Return the fields that name a record."""
    return tuple(path[0] for path in one.get("source_defined_primary_key") or () if path)


def _state(known: Known, name: str) -> bool:
    return bool(known.get(name, {}).get("airbyte"))
