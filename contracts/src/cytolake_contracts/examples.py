"""The example events: shared fixtures of every service's contract tests."""

from __future__ import annotations

from importlib.resources import files

FILES = files("cytolake_contracts") / "_files"


def valid_examples(type_name: str) -> dict[str, bytes]:
    """Return file name -> wire bytes of the valid examples of an event type."""
    return _examples(type_name, "valid")


def invalid_examples(type_name: str) -> dict[str, bytes]:
    """Return file name -> wire bytes that must be refused as this event type."""
    return _examples(type_name, "invalid")


def _examples(type_name: str, kind: str) -> dict[str, bytes]:
    folder = FILES / "examples" / type_name.removeprefix("org.cytolake.") / kind
    found = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    if not found:
        msg = f"no {kind} example of {type_name}"
        raise LookupError(msg)
    return dict(sorted(found.items()))
