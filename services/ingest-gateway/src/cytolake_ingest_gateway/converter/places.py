"""Places in an ASM document: values, curves, and the way to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cytolake_ingest_gateway.converter.context import Context


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value in its place. `node` is a scalar, or a document with `value`."""

    pointer: str
    kind: str
    name: str
    node: Any
    context: Context


@dataclass(frozen=True, slots=True)
class Cube:
    """A curve in its place; `measurement` is the path of the measurement that it belongs to."""

    pointer: str
    kind: str
    name: str
    node: Mapping[str, Any]
    context: Context
    measurement: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A node on the walk, with what its surroundings say of it."""

    pointer: str
    key: str
    node: Any
    kind: str
    names: Mapping[str, str]
    context: Context
    measurement: str | None


def escaped(key: str) -> str:
    """RFC 6901, section 3."""
    return key.replace("~", "~0").replace("/", "~1")


def numbers_in(node: object) -> int:
    """Return how many numbers lie in a node."""
    if isinstance(node, str | bool | None):
        return 0
    found, stack = 0, [node]
    while stack:
        inner = stack.pop()
        if isinstance(inner, dict):
            stack += inner.values()
        elif isinstance(inner, list):
            stack += inner
        else:
            found += isinstance(inner, int | float) and not isinstance(inner, bool)
    return found
