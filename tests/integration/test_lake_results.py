"""Reported results in a small lake: current ones only, with the batch of their sample."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from cytolake_contracts.layouts import load_layouts
from cytolake_ingest_gateway.converter.tabular import Origin, Table, read_text
from cytolake_transformer.builds import Load
from tests.support.lake import DBT_PROJECT, SmallLake

pytestmark = pytest.mark.integration
EXAMPLE = DBT_PROJECT.parent / "docs" / "examples" / "SYNTHETIC-results.csv"
KEY, SAMPLE = "qc/results.csv", "SYN-B001-D10"


def reported(lake: SmallLake, body: bytes, *, seq: int) -> Load:
    origin = Origin(ids={"object_id": str(seq)})
    layout = load_layouts()["result_table"]
    table = read_text(body, layout, zone=ZoneInfo("Europe/Berlin"), origin=origin)
    assert isinstance(table, Table), table
    made = {"object_id", "run_id", "run_no"}
    rows = [{k: v for k, v in row.items() if k not in made} for row in table.rows]
    return lake.raw.run("result", KEY, rows, seq=seq)


def test_results_get_their_batch_later_and_a_newer_file_takes_their_place(lake: SmallLake) -> None:
    body = EXAMPLE.read_bytes()
    first = lake.building.answer([reported(lake, body, seq=1)])
    (object_id,) = first.marts["mart_result"].ids
    marted = "SELECT attribute, qualifier, value_text, state, batch_id FROM lake.marts.mart_result"
    found = lake.rows(f"{marted} ORDER BY row_no")
    assert found[1:3] == [
        ("residual_beads", "<", "<100", "verified", None),
        ("mycoplasma", "ND", "not detected", "verified", None),
    ]
    listed = lake.building.answer([lake.raw.samples("list/1.csv", [(SAMPLE, "SYN-B001", 10.0)])])
    assert listed.marts["mart_result"].ids == {object_id}
    assert {row[-1] for row in lake.rows(marted)} == {"SYN-B001"}
    shorter = b"".join(body.splitlines(keepends=True)[:2])
    newer = lake.building.answer([reported(lake, shorter, seq=2)])
    assert object_id in newer.marts["mart_result"].ids
    assert lake.rows(marted) == [("vcn", None, None, "verified", "SYN-B001")]
