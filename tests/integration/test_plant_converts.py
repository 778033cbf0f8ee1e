"""Every file of the synthetic plant through the real converter: the numbers are the world's."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from cytolake.synthetic.plant import Drop, World, build
from cytolake.synthetic.plant.growth import PLATE_WELLS
from cytolake.synthetic.plant.readings import readings_of
from cytolake.synthetic.plant.timeline import instrument_drops
from cytolake_ingest_gateway.converter.convert import Converted, Converter
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.rejection import Rejection
from cytolake_ingest_gateway.converter.sandbox.runner import Sandbox
from cytolake_ingest_gateway.converter.testing import declared, landed
from tests.support.corpus import rows_of

pytestmark = [pytest.mark.integration, pytest.mark.slow]

BATCHES, COUNTED = 12, (1, 4)  # one of either product
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def world() -> World:
    return build(7, BATCHES)


@pytest.fixture(scope="module")
def converter() -> Converter:
    sandbox = Sandbox()
    sandbox.warm_up()
    return Converter(run_parser=sandbox.run, declared=declared(), limits=GuardLimits())


@pytest.fixture(scope="module")
def converted(world: World, converter: Converter) -> dict[str, list[tuple[Drop, Rows]]]:
    """Rows by kind of instrument; counts, which are many and alike, of the first batches only."""
    found = defaultdict(list)
    for drop in filter(is_looked_at, instrument_drops(world)):
        outcome = convert(converter, drop)
        if drop.fault in {"cut short", "lost its viability column"}:
            assert isinstance(outcome, Rejection), drop.key
            continue
        assert isinstance(outcome, Converted), (drop.key, outcome)
        if drop.fault is None:
            kind = drop.source.name.rpartition("-")[2]
            found[kind].append((drop, rows_of(outcome)))
    return found


def is_looked_at(drop: Drop) -> bool:
    is_count = drop.source.name.endswith(("vicell", "nucleoview"))
    return not is_count or any(f"-{batch:04d}-" in drop.name for batch in COUNTED)


def convert(converter: Converter, drop: Drop) -> Converted | Rejection:
    source = drop.source
    event = landed(
        drop.body,
        name=drop.name,
        vendor=source.vendor,
        layout=source.layout,
        timezone=source.timezone,
    )
    return converter(event, drop.body)


def test_every_kind_of_file_is_there(converted: dict[str, list[tuple[Drop, Rows]]]) -> None:
    assert set(converted) == {
        "vicell",
        "nucleoview",
        "gen5",
        "flow",
        "qpcr",
        "endotoxin",
        "sterility",
        "historian",
    }


@pytest.mark.parametrize("counter", ["vicell", "nucleoview"])
def test_counts(world: World, converted: dict[str, list[tuple[Drop, Rows]]], counter: str) -> None:
    expected = {
        (sample.sample_id, reading.vcd, reading.viability)
        for batch in world.batches
        if batch.number in COUNTED
        for sample in batch.samples
        for reading in readings_of(batch.product, sample)
        if reading.counter == counter
    }
    found = set()
    for _, rows in converted[counter]:
        by_quantity = {row["quantity"]: row for row in rows}
        vcd = by_quantity["vcd"]
        found.add((vcd["sample_id"], vcd["value_std"], by_quantity["viability"]["value_std"]))
    assert found == expected


def test_counts_keep_the_time_of_their_site(
    world: World, converted: dict[str, list[tuple[Drop, Rows]]]
) -> None:
    collected = {s.sample_id: s.collected_at for b in world.batches for s in b.samples}
    for _, rows in converted["vicell"]:
        row = next(row for row in rows if row["quantity"] == "vcd")
        assert row["measured_at"] == collected[row["sample_id"]]


def test_a_plate_has_its_samples_in_the_wells_that_the_lims_names(
    world: World, converted: dict[str, list[tuple[Drop, Rows]]]
) -> None:
    plated = {
        (sample.plate_id, sample.well): sample.sample_id
        for batch in world.batches
        for sample in batch.samples
        if sample.plate_id
    }
    seen = {
        (row["plate_id"], row["well"]): row["sample_id"]
        for _, rows in converted["gen5"]
        for row in rows
        if row["well"] in PLATE_WELLS and row["sample_id"]
    }
    assert seen
    assert seen.items() <= plated.items()


@pytest.mark.parametrize("kind", ["flow", "qpcr", "endotoxin"])
def test_results(world: World, converted: dict[str, list[tuple[Drop, Rows]]], kind: str) -> None:
    reported = {
        (line.sample_id, line.attribute, line.current.value, line.current.qualifier)
        for batch in world.batches
        for line in batch.results
        if line.versions
    }
    found = {
        (row["sample_id"], row["attribute"], row["value_num"], row["qualifier"])
        for _, rows in converted[kind]
        for row in rows
    }
    assert found
    assert found <= reported
    for _, rows in converted[kind]:
        assert all(row["batch_id"] == row["sample_id"].rpartition("-")[0] for row in rows)
        assert all(row["unit_ucum"] for row in rows)


def test_sterility_is_provisional_until_its_end(
    converted: dict[str, list[tuple[Drop, Rows]]],
) -> None:
    told = {(row["value_text"], row["state"]) for _, rows in converted["sterility"] for row in rows}
    assert told == {("negative to date", "provisional"), ("no growth", "to_be_verified")}


def test_the_historian_is_read_whole(converted: dict[str, list[tuple[Drop, Rows]]]) -> None:
    for drop, rows in converted["historian"]:
        assert len(rows) == drop.body.count(b"\n") - 1
        assert {row["batch_id"] for row in rows} == {drop.name.removesuffix(".csv")[20:]}
        assert {row["unit_ucum"] for row in rows} == {"Cel", "[pH]", "%", "{rpm}"}
