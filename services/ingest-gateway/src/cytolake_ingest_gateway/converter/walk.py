"""Walk any ASM document: its values in order, each with its path, kind, name and context.

Keys are visited in sorted order, because parsers build some documents from sets; an
explicit stack, because gated populations nest as deep as somebody gates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from itertools import count
from typing import Any

from cytolake_ingest_gateway.converter.context import MEASUREMENT, NAMES_OF_FIELDS, Context
from cytolake_ingest_gateway.converter.origins import PARENT_ID, Origins
from cytolake_ingest_gateway.converter.places import Cube, Leaf, Place, escaped, numbers_in
from cytolake_ingest_gateway.converter.values import label

CALCULATED = "calculated data document"
POPULATION = "population document"
KINDS: Mapping[str, str] = {
    MEASUREMENT: "measured",
    CALCULATED: "calculated",
    POPULATION: "population",
    "processed data document": "processed",
    "device control document": "setting",
    "data processing document": "setting",
    "data region document": "setting",
    "compensation matrix document": "setting",
    "sample document": "setting",
    "injection document": "setting",
    "custom information document": "custom",
}
NAMED_BY: Mapping[str, str] = {
    "calculated result": "calculated data name",
    "image feature result": "image feature name",
    "statistical value": "statistical feature",
}
"""Values whose own key says nothing: the name stands beside or above them."""
_NAMING = frozenset(NAMED_BY.values())
BOOKKEEPING = frozenset({"data system document", "UNC path", "file name", "@type"})
GENERATED = "generated-id-"


@dataclass(slots=True)
class Walk:
    """One walk over one document.

    It fills `cubes` with the curves, and `unread` with the paths of what has numbers that are
    neither a value nor a curve's, and with how many.
    """

    document: Mapping[str, Any]
    zone: tzinfo
    cubes: list[Cube] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)

    def leaves(self) -> Iterator[Leaf]:
        """Yield every value. Walks twice: calculated values refer forwards."""
        origins = Origins()
        for _ in self._walk(origins, noting=True):
            pass
        self.cubes.clear()
        self.unread.clear()
        yield from self._walk(origins, noting=False)

    def _walk(self, origins: Origins, *, noting: bool) -> Iterator[Leaf]:
        ordinals = count()
        root = Place("", "", self.document, "setting", {}, Context(), measurement=None)
        stack = [root]
        while stack:
            place = stack.pop()
            if _is_cube(place.node):
                self.cubes.append(_cube(place))
            elif _is_value(place.node):
                if len(place.node) > 2 or not isinstance(place.node.get("unit"), str):  # noqa: PLR2004
                    self._pass_by(place, place.node.keys() - {"value"})
                yield _leaf(place)
            elif isinstance(place.node, dict):
                inner = self._entered(place, origins, ordinals)
                if noting:
                    origins.note(place.node, inner.context)
                self._pass_by(place, place.node.keys() & BOOKKEEPING)
                stack += reversed(_children(inner))
            elif isinstance(place.node, list):
                stack += reversed(_items(place))
            elif _speaks(place):
                yield _leaf(place)
            elif not (
                place.key in NAMES_OF_FIELDS and place.pointer.endswith(f"/{escaped(place.key)}")
            ):
                self._note_unread(place.pointer, place.node)

    def _pass_by(self, place: Place, keys: Iterable[str]) -> None:
        for key in keys:
            self._note_unread(f"{place.pointer}/{escaped(key)}", place.node[key])

    def _note_unread(self, pointer: str, node: object) -> None:
        if found := numbers_in(node):
            self.unread[pointer] = found

    def _entered(self, place: Place, origins: Origins, ordinals: Iterator[int]) -> Place:
        document, context = place.node, place.context.within(place.node, self.zone)
        if place.key == CALCULATED:
            context = origins.of_calculated(document) or context
        elif place.key == POPULATION:
            context = _in_population(context, document, origins)
        elif place.key == MEASUREMENT:
            context = replace(context, ordinal=next(ordinals))
        return Place(
            place.pointer,
            place.key,
            document,
            _kind_within(place),
            _names(document, place.names),
            context,
            measurement=place.pointer if place.key == MEASUREMENT else place.measurement,
        )


def _kind_within(place: Place) -> str:
    return "custom" if place.kind == "custom" else KINDS.get(place.key, place.kind)


def _names(document: Mapping[str, Any], above: Mapping[str, str]) -> Mapping[str, str]:
    if _NAMING.isdisjoint(document):
        return above
    found = {name: label(document.get(name)) for name in _NAMING}
    return dict(above) | {name: value for name, value in found.items() if value}


def _in_population(context: Context, document: Mapping[str, Any], origins: Origins) -> Context:
    name = label(document.get("written name"))
    if name and name.casefold().endswith(".fcs"):
        name = None  # all events of the file: not a gate
    above = context.population_path or origins.path_of(document.get(PARENT_ID))
    path = "/".join(filter(None, (above, name)))
    return replace(context, population_path=path or None)


def _children(place: Place) -> list[Place]:
    return [
        _within(place, f"{place.pointer}/{escaped(key)}", key, place.node[key])
        for key in sorted(place.node)
        if key not in BOOKKEEPING
    ]


def _items(place: Place) -> list[Place]:
    return [
        _within(place, f"{place.pointer}/{index}", place.key, item)
        for index, item in enumerate(place.node)
    ]


def _within(place: Place, pointer: str, key: str, node: object) -> Place:
    # Spelled out: dataclasses.replace costs more than all the rest of the walk.
    return Place(
        pointer,
        key,
        node,
        place.kind,
        place.names,
        place.context,
        measurement=place.measurement,
    )


def _is_value(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("value"), str | int | float)


def _is_cube(node: object) -> bool:
    return isinstance(node, dict) and "cube-structure" in node


def _speaks(place: Place) -> bool:
    """Whether a scalar says something that is in no column already."""
    if place.node is None or (isinstance(place.node, str) and place.node.startswith(GENERATED)):
        return False
    if place.kind == "custom":
        return True
    silent = place.key in NAMES_OF_FIELDS or place.key in _NAMING or place.key == "device type"
    silent = silent or place.key.endswith((" identifier", " time", "written name"))
    return place.measurement is not None and place.kind != "population" and not silent


def _leaf(place: Place) -> Leaf:
    name = place.names.get(NAMED_BY.get(place.key, ""), place.key)
    role = label(place.node.get("has statistic datum role")) if _is_value(place.node) else None
    if role:
        name = f"{name} {role.removesuffix(' role')}"
    return Leaf(place.pointer, place.kind, name, place.node, place.context)


def _cube(place: Place) -> Cube:
    label_of = label(place.node.get("label")) or place.key
    return Cube(
        place.pointer,
        _kind_within(place),
        label_of,
        place.node,
        place.context,
        place.measurement,
    )
