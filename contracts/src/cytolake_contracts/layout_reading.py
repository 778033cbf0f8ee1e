"""A layout file to a layout, or to every fault in it: file, line, field, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from cytolake_contracts.dataset_types import DatasetContract
from cytolake_contracts.layout_checks import layout_faults
from cytolake_contracts.layout_model import Layout

SUFFIX = ".layout.yaml"
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class LayoutFault:
    """One thing wrong in a layout file; `line` counts from 1."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}{f', {self.field}' if self.field else ''}: {self.message}"


class LayoutError(ValueError):
    """The file is no layout that could be used; `faults` says all that is wrong with it."""

    def __init__(self, file: str, faults: tuple[LayoutFault, ...]) -> None:
        super().__init__("\n".join(f"{file}, {fault}" for fault in faults))
        self.file = file
        self.faults = faults


def read_layout(text: str, *, file: str, contracts: Mapping[str, DatasetContract]) -> Layout:
    """Return the layout that the text describes; raise LayoutError with every fault in it."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.SafeLoader("").construct_document(root) if root else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "not readable"
        line = mark.line + 1 if mark else 1
        raise LayoutError(file, (LayoutFault(line, "", f"this is not YAML: {why}"),)) from error
    lines = dict(_lines(root, ())) if root else {}
    if not isinstance(document, dict):
        what = (
            LayoutFault(1, "", "a layout is a list of `field: value` lines, see the reference"),
        )
        raise LayoutError(file, what)
    twice = tuple(
        LayoutFault(line, _field(place), "stands twice; keep one") for place, line in _twice(root)
    )
    found = twice or tuple(
        LayoutFault(_line(lines, place), _field(place), message)
        for place, message in _faults(document, file, contracts)
    )
    if found:
        raise LayoutError(file, tuple(sorted(found, key=lambda fault: fault.line)))
    return Layout.model_validate(document)


def _faults(
    document: dict[str, Any], file: str, contracts: Mapping[str, DatasetContract]
) -> Iterator[tuple[Place, str]]:
    try:
        layout = Layout.model_validate(document)
    except ValidationError as error:
        for one in error.errors():
            yield one["loc"], _in_words(one["type"], one["msg"], one["input"])
        return
    if file.rsplit("/", 1)[-1] != f"{layout.name}{SUFFIX}":
        yield ("layout",), f"the layout {layout.name} belongs into a file {layout.name}{SUFFIX}"
    yield from layout_faults(layout, contracts)


def _in_words(kind: str, message: str, given: object) -> str:
    if kind == "extra_forbidden":
        return "there is no such field; see the reference of layout files"
    if kind == "missing":
        return "is missing; every layout needs it"
    text = message.removeprefix("Value error, ")
    return text if isinstance(given, dict) else f"{text[:1].lower()}{text[1:]}, but is {given!r}"


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*place, str(key.value)))
            yield (*place, str(key.value)), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _lines(item, (*place, number))


def _twice(node: yaml.Node | None, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """YAML takes the last of two equal keys and says nothing."""
    seen: set[str] = set()
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        name = str(key.value)
        if name in seen:
            yield (*place, name), key.start_mark.line + 1
        seen.add(name)
        yield from _twice(value, (*place, name))
    for number, item in enumerate(node.value if isinstance(node, yaml.SequenceNode) else ()):
        yield from _twice(item, (*place, number))


def _line(lines: Mapping[Place, int], place: Place) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _field(place: Place) -> str:
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")
