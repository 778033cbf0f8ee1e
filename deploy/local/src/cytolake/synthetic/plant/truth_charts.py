"""The truth of control charts and capability: individuals and moving ranges, Nelson's rules.

A chart is of one product, attribute, stage and process version, in the order in which it was
tested; its points are current, valid, uncensored results that have a specification, one a batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import log10
from statistics import fmean, stdev

from cytolake.synthetic.plant.model import Specification, World
from cytolake.synthetic.plant.nelson import LONGEST, RULES
from cytolake.synthetic.plant.truth_figures import Row
from cytolake.synthetic.plant.truth_results import Judged, reported

BASELINE = 20
D2 = 1.128
"""The mean of a range of two, in standard deviations."""
TITERS = frozenset({"vg_titer", "capsid_titer", "lv_titer"})
type _Key = tuple[str, str, str, str]


def control_chart(world: World) -> list[Row]:
    """Every point with the centre, sigma and rules of its chart; None while the baseline grows."""
    rows: list[Row] = []
    for key, points in _charts(world).items():
        values = [_value(one) for one in points]
        baseline = _baseline(points)
        centre = fmean(baseline) if baseline else None
        sigma = (within_sigma(baseline) or None) if baseline else None
        for place, one in enumerate(points):
            recent = values[max(0, place + 1 - LONGEST) : place + 1]
            row: Row = {
                **_named(key),
                "batch_id": one.batch.batch_id,
                "point_no": place + 1,
                "value": values[place],
                "center": centre,
                "sigma": sigma,
            }
            for number, rule in RULES.items():
                row[f"rule_{number}"] = rule(recent, centre, sigma)
            rows.append(row)
    return rows


def capability(world: World) -> list[Row]:
    """Cpk and Ppk per chart; None below 20 values or without spread. Titers by their logarithms."""
    rows: list[Row] = []
    charts, censored = _charts(world), _censored(world)
    for key in sorted(charts.keys() | censored.keys()):
        limits = _newest(world, key)
        values = [_scaled(one) for one in charts.get(key, [])]
        enough = len(values) >= BASELINE
        within = within_sigma(values) if enough else None
        overall = stdev(values) if enough else None
        rows.append(
            {
                **_named(key),
                "n": len(values),
                "n_censored": censored[key],
                "cpk": _index(values, limits, within),
                "ppk": _index(values, limits, overall),
            }
        )
    return rows


def within_sigma(values: Sequence[float]) -> float:
    """Return the mean moving range of two, over d2."""
    return fmean(abs(b - a) for a, b in pairwise(values)) / D2


def _index(
    values: Sequence[float], limits: Specification | None, sigma: float | None
) -> float | None:
    if limits is None or not sigma:
        return None
    mean, scale = fmean(values), log10 if limits.attribute in TITERS else float
    sides = []
    if limits.upper is not None:
        sides.append((scale(limits.upper) - mean) / (3 * sigma))
    if limits.lower is not None:
        sides.append((mean - scale(limits.lower)) / (3 * sigma))
    return min(sides) if sides else None


def _baseline(points: Sequence[Judged]) -> list[float] | None:
    """Return the values of the first twenty accepted batches; None while there are fewer."""
    accepted = [_value(one) for one in points if one.batch.status == "released"]
    return accepted[:BASELINE] if len(accepted) >= BASELINE else None


def _value(one: Judged) -> float:
    return one.said.value or 0.0


def _scaled(one: Judged) -> float:
    return log10(_value(one)) if one.line.attribute in TITERS else _value(one)


def _newest(world: World, key: _Key) -> Specification | None:
    of = [s for s in world.specifications if (s.product_code, s.attribute, s.stage) == key[:3]]
    return max(of, key=lambda one: one.spec_version, default=None)


def _named(key: _Key) -> Row:
    return dict(zip(("product_code", "attribute", "stage", "process_version"), key, strict=True))


def _charts(world: World) -> dict[_Key, list[Judged]]:
    found = defaultdict(list)
    for one in _numbers(world):
        if one.said.qualifier is None:
            found[_key(one)].append(one)
    return {key: sorted(found[key], key=_order) for key in sorted(found)}


def _censored(world: World) -> dict[_Key, int]:
    found: dict[_Key, int] = defaultdict(int)
    for one in _numbers(world):
        found[_key(one)] += one.said.qualifier is not None
    return found


def _numbers(world: World) -> list[Judged]:
    return [
        one
        for one in reported(world)
        if one.said.value is not None and one.limits is not None and not one.said.is_invalidated
    ]


def _key(one: Judged) -> _Key:
    code = one.batch.product.product_code
    return code, one.line.attribute, one.line.stage, one.batch.process_version


def _order(one: Judged) -> tuple[object, ...]:
    return one.said.tested_at, one.batch.batch_id
