"""Every real file at hand through the running stack: instruments' exports and FCS, to the marts.

They are published test inputs of allotropy (MIT), FlowIO and FlowKit (BSD-3), beside the project.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.site import Site

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not DATA.is_dir(), reason="there is no ../shared/data here"),
]
DAMAGED = "data_start_offset_discrepancy_example.fcs"


def files() -> list[tuple[str, Path]]:
    """Return each file with its vendor: instruments' lie in a folder of the vendor's name."""
    instruments = sorted((DATA / "instruments").glob("*/*"))
    return [(path.parent.name.upper(), path) for path in instruments] + [
        ("FCS", path) for path in sorted((DATA / "flow").glob("*.fcs"))
    ]


def test_corpus_is_loaded_and_a_damaged_file_waits_for_people(site: Site) -> None:
    ids = {}
    for vendor, path in files():
        source = f"corpus-{vendor.lower().replace('_', '-')}"
        site.gateway.add_source(source, vendor=vendor, timezone="Europe/Berlin")
        ids[path.name] = site.put_key(f"{source}/{path.name}", path.read_bytes())
    ended = site.until(ids.values(), seconds=240)
    states = {name: (ended[one].state, ended[one].message) for name, one in ids.items()}
    damaged = states.pop(DAMAGED)
    assert len(states) == 19 + 4
    assert {name: told for name, told in states.items() if told[0] != "loaded"} == {}
    assert damaged[0] == "quarantined"
    assert "5555" in str(damaged[1])
    rows = site.row_counts(ids.values())
    points = site.select(
        "select object_id, count(*) as n from marts.mart_point where object_id = any(%s)"
        " group by object_id",
        list(ids.values()),
    )
    curves = {row["object_id"]: row["n"] for row in points}
    assert {name for name, one in ids.items() if not rows[one] and one not in curves} == {DAMAGED}
    assert curves[ids["unicorn_single_uv.zip"]] == 385
    assert len(curves) >= 5
