"""An ASM data cube as series of numbers: one series for each of its measures.

Source: Allotrope's core schema `cube.schema.json`: dimensions are arrays or functions, measures are
arrays or, as `points`, tuples. What cannot be placed for sure is left out and listed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cytolake_ingest_gateway.converter.places import Cube, escaped, numbers_in
from cytolake_ingest_gateway.converter.values import label, number_value

Numbers = list[float | None]
MAX_DIMENSIONS = 2


@dataclass(frozen=True, slots=True)
class Axis:
    """What is counted along an axis, in which unit, and its numbers; None where there is none."""

    concept: str | None
    unit: str | None
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Series:
    """One measure of a cube over at most two dimensions: as many numbers in each."""

    cube: Cube
    number: int
    dimensions: tuple[Axis, ...]
    measure: Axis


def series_of(cube: Cube, unread: dict[str, int]) -> list[Series]:
    """Return the cube's series; note in `unread` where numbers lie that are in none."""
    structure, data = _dict(cube.node.get("cube-structure")), _dict(cube.node.get("data"))
    where = f"{cube.pointer}/data"
    told = _list(structure.get("measures"))
    found = []
    for number, values in _measures(data):
        numbers = [read(value) for value in values]
        for place, value in enumerate(values):
            if numbers[place] is None:
                of_measure, of_point = f"measures/{number}/{place}", f"points/{place}/{number}"
                _note(f"{where}/{of_measure if 'measures' in data else of_point}", value, unread)
        axes = _dimensions(structure, data, len(numbers))
        measure = _axis(told, number, numbers)
        found.append(Series(cube, number, axes, measure))
    longest = max((len(one.measure.numbers) for one in found), default=0)
    _note_rest(cube, data, longest, unread)
    return found


def _measures(data: Mapping[str, Any]) -> list[tuple[int, list[Any]]]:
    """Return the numbers of each measure with its place; points are turned round."""
    if "measures" in data:
        told = enumerate(_list(data["measures"]))
        return [(number, one) for number, one in told if isinstance(one, list)]
    points = [one if isinstance(one, list) else [] for one in _list(data.get("points"))]
    width = max(map(len, points), default=0)
    return [(n, [p[n] if n < len(p) else None for p in points]) for n in range(width)]


def _dimensions(structure: Mapping[str, Any], data: Mapping[str, Any], n: int) -> tuple[Axis, ...]:
    told = _list(structure.get("dimensions"))
    axes = []
    for number, values in enumerate(_list(data.get("dimensions"))[:MAX_DIMENSIONS]):
        numbers = _along(values, n)
        axes.append(_axis(told, number, numbers if numbers is not None else [None] * n))
    return tuple(axes)


def _along(values: object, n: int) -> Numbers | None:
    """Return a dimension's numbers; None where they do not belong to the measure one by one."""
    if isinstance(values, list):
        return [read(value) for value in values] if len(values) == n else None
    if not isinstance(values, dict) or values.get("type", "linear") != "linear":
        return None
    start, step, length = (read(values.get(key, 1)) for key in ("start", "incr", "length"))
    if start is None or step is None or length != n:
        return None
    return [read(start + step * place) for place in range(n)]


def _axis(told: Sequence[Any], place: int, numbers: Numbers) -> Axis:
    component = _dict(told[place]) if place < len(told) else {}
    return Axis(label(component.get("concept")), label(component.get("unit")), numbers)


def read(value: object) -> float | None:
    """Return a finite number; None for what stands for a missing one (-0.0 too), or is none."""
    if isinstance(value, str):
        return number_value(value).num
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    missing = not math.isfinite(number) or (number == 0 and math.copysign(1.0, number) < 0)
    return None if missing else number


def _note(pointer: str, value: object, unread: dict[str, int]) -> None:
    # A float without a number says that it is missing: an empty point.
    if not isinstance(value, float) and (found := numbers_in(value)):
        unread[pointer] = found


def _note_rest(cube: Cube, data: Mapping[str, Any], n: int, unread: dict[str, int]) -> None:
    """Note the numbers of the cube that are in no series."""
    where = f"{cube.pointer}/data"
    rest = {
        f"{cube.pointer}/{escaped(key)}": node for key, node in cube.node.items() if key != "data"
    }
    if not isinstance(cube.node.get("data"), dict):
        rest[where] = cube.node.get("data")
    rest |= {f"{where}/{escaped(key)}": node for key, node in data.items() if key not in _READ}
    if "measures" in data:
        rest[f"{where}/points"] = data.get("points")
    rest |= _of_dimensions(data, n, where)
    for name in _READ:
        if not isinstance(data.get(name), list):
            rest[f"{where}/{name}"] = data.get(name)
    for name in ("measures", "points"):
        for place, one in enumerate(_list(data.get(name))):
            if not isinstance(one, list):
                rest[f"{where}/{name}/{place}"] = one
    unread.update({pointer: found for pointer, node in rest.items() if (found := numbers_in(node))})


def _of_dimensions(data: Mapping[str, Any], n: int, where: str) -> dict[str, Any]:
    """Return what of the dimensions is in no series, by its path."""
    rest: dict[str, Any] = {}
    for place, values in enumerate(_list(data.get("dimensions"))):
        at = f"{where}/dimensions/{place}"
        numbers = _along(values, n) if place < MAX_DIMENSIONS else None
        if numbers is None or None in numbers:
            rest[at] = values
        elif isinstance(values, dict):
            rest |= {f"{at}/{escaped(k)}": v for k, v in values.items() if k not in _FUNCTION}
    return rest


_FUNCTION = frozenset({"type", "start", "incr", "length"})
_READ = ("dimensions", "measures", "points")


def _list(node: object) -> list[Any]:
    return node if isinstance(node, list) else []


def _dict(node: object) -> Mapping[str, Any]:
    return node if isinstance(node, dict) else {}
