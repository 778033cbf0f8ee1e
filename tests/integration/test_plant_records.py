"""Every record of the synthetic plant's LIMS through the real converter and the real gate."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cytolake.synthetic.plant import Drop, World, build
from cytolake.synthetic.plant.drops import LIMS
from cytolake.synthetic.plant.events import lims_drops
from cytolake_contracts.datasets import load_contracts
from cytolake_ingest_gateway.converter.convert import Converted, Converter
from cytolake_ingest_gateway.converter.guards import GuardLimits
from cytolake_ingest_gateway.converter.testing import declared, landed
from cytolake_validator.adapters import GreatExpectationsJudge
from cytolake_validator.rules import Candidate

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ENTITIES = {
    "product",
    "batch",
    "batch_step",
    "sample",
    "material_lot",
    "batch_material",
    "specification",
    "test_request",
    "result",
    "batch_event",
    "quality_event",
    "instrument",
    "calibration",
}


@pytest.fixture(scope="module")
def world() -> World:
    return build(7, 30)


@pytest.fixture(scope="module")
def tables(world: World) -> dict[str, list[pa.Table]]:
    """Rows by dataset, a table a file; nothing was refused and nothing left unread."""
    converter = Converter(run_parser=None, declared=declared(), limits=GuardLimits())  # type: ignore[arg-type]
    found = defaultdict(list)
    for drop in lims_drops(world):
        event = landed(drop.body, name=drop.name, layout=LIMS.layout)
        outcome = converter(event, drop.body)
        assert isinstance(outcome, Converted), (drop.key, outcome)
        assert outcome.warnings == (), drop.key
        table = pq.read_table(io.BytesIO(outcome.parquet.body))
        assert table.num_rows == len([*records(drop)]), drop.key
        found[outcome.parquet.dataset].append(table)
    return found


def records(drop: Drop) -> Iterator[object]:
    told = json.loads(drop.body)
    for event in told if isinstance(told, list) else [told]:
        yield from event["data"] if isinstance(event["data"], list) else [event["data"]]


def test_every_entity_is_told(tables: dict[str, list[pa.Table]]) -> None:
    assert tables.keys() == ENTITIES


def test_every_record_keeps_its_contract(tables: dict[str, list[pa.Table]]) -> None:
    """Warnings count as well."""
    contracts = {name: contract for name, contract in load_contracts().items() if name in ENTITIES}
    judge = GreatExpectationsJudge(contracts)
    for name, found in tables.items():
        candidates = [Candidate(table=table, contract=contracts[name]) for table in found]
        assert judge.judge(candidates) == [{}] * len(found), name


def test_every_version_of_a_result_says_what_the_world_says(
    world: World, tables: dict[str, list[pa.Table]]
) -> None:
    expected = {
        (line.result_id, said.version): (said.value, said.qualifier, said.text, said.state)
        for batch in world.batches
        for line in batch.results
        for said in line.versions
    }
    rows = [row for table in tables["result"] for row in table.to_pylist()]
    found = {
        (row["result_id"], row["record_version"]): (
            row["value_num"],
            row["qualifier"],
            None if row["value_num"] is not None else row["value_text"],
            row["state"],
        )
        for row in rows
    }
    assert found == expected
    assert all(row["unit_ucum"] for row in rows if row["unit_raw"])


def test_limits_are_told_in_units_that_are_known(
    world: World, tables: dict[str, list[pa.Table]]
) -> None:
    known = {(one.product_code, one.attribute): one.unit for one in world.specifications}
    for table in tables["specification"]:
        for row in table.to_pylist():
            assert row["unit"] == known[row["product_code"], row["attribute"]]
