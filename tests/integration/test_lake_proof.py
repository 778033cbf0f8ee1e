"""The lake held against a build from scratch: what differs is found, mended and told, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from cytolake_contracts import LakeBuilt
from cytolake_runtime import Retryable
from cytolake_runtime.testing import Outbox
from cytolake_transformer.proof import Proof, Proving
from tests.support.lake import SmallLake

pytestmark = pytest.mark.integration
GROWTH = "SELECT batch_id, culture_day, vcd FROM lake.marts.mart_cell_growth ORDER BY ALL"
BOOKS = "SELECT changed, announced FROM lake.raw.proof ORDER BY proved_at"
SNAPSHOT = "SELECT id FROM lake.current_snapshot()"
SLICE_KEYS = {"mart_cell_growth": "batch_id", "mart_measurement": "object_id"}


@pytest.fixture
def filled(lake: SmallLake) -> SmallLake:
    """Two samples with a count each, and a lake whose models are known."""
    proof(lake).prove_if_changed()
    listed = lake.raw.samples("list/1.csv", [("S1", "B1", 0.0), ("S2", "B1", 3.0)])
    counted = lake.raw.counts("counter/1.csv", [("S1", 1.0), ("S2", 4.0)])
    assert lake.building.answer([listed, counted]).failed == {}
    assert len(lake.rows(GROWTH)) == 2
    return lake


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


def proof(lake: SmallLake, made_with: str = "models of today") -> Proof:
    return Proof(lake.lake, lake.models, made_with=made_with)


def test_what_builds_left_is_what_a_build_from_scratch_makes(filled: SmallLake) -> None:
    growth, ((before,),) = filled.rows(GROWTH), filled.rows(SNAPSHOT)
    assert proof(filled).prove() == ()
    assert filled.rows(GROWTH) == growth
    assert filled.rows(BOOKS) == [([], True), ([], True)]
    assert filled.rows(SNAPSHOT) == [(before + 1,)], "nothing was written but the note of it"


def test_rows_that_no_build_made_are_mended_and_told_once(filled: SmallLake) -> None:
    growth = filled.rows(GROWTH)
    filled.rows("UPDATE lake.marts.mart_cell_growth SET vcd = 0 WHERE culture_day = 3")
    filled.rows("DELETE FROM lake.curated.dim_sample WHERE sample_id = 'S1'")
    tested = proof(filled)
    assert tested.prove() == ("dim_sample", "mart_cell_growth")
    assert filled.rows(GROWTH) == growth
    (change,), at = tested.untold()
    assert change.tables == ("dim_sample", "mart_cell_growth")
    assert filled.rows(SNAPSHOT) == [(at,)]
    tested.told(change)
    assert tested.untold()[0] == []
    assert tested.prove() == ()


def test_a_lake_is_proved_when_its_models_are_others(filled: SmallLake) -> None:
    filled.rows("UPDATE lake.marts.mart_cell_growth SET vcd = 0")
    proof(filled).prove_if_changed()
    assert proof(filled).untold()[0] == []
    proof(filled, "models of tomorrow").prove_if_changed()
    ((change,), _) = proof(filled).untold()
    assert change.tables == ("mart_cell_growth",)


def test_a_build_that_is_not_finished_is_waited_for(filled: SmallLake) -> None:
    taken = filled.lake.take_in([filled.raw.counts("counter/2.csv", [("S1", 2.0)])])
    with pytest.raises(Retryable, match="not built yet"):
        proof(filled).prove()
    filled.lake.finish(taken)


def test_builds_go_on_after_it(filled: SmallLake) -> None:
    filled.rows("UPDATE lake.marts.mart_cell_growth SET vcd = 0")
    proof(filled).prove()
    (change,), _ = proof(filled).untold()
    later = filled.raw.counts("counter/1.csv", [("S1", 1.0), ("S2", 5.0)], seq=2)
    outcome = filled.building.answer([later])
    assert outcome.build_no == change.build_no + 1
    assert outcome.marts["mart_cell_growth"].ids == {"B1"}
    assert [vcd for _, _, vcd in filled.rows(GROWTH)] == [1.0, 5.0]
    assert proof(filled).prove() == ()
    latest = filled.raw.counts("counter/1.csv", [("S1", 1.0), ("S2", 6.0)], seq=3)
    assert filled.building.answer([latest]).failed == {}
    assert [vcd for _, _, vcd in filled.rows(GROWTH)] == [1.0, 6.0]


async def test_the_marts_are_told_of_whole_tables_also_after_a_crash(
    filled: SmallLake, thread: ThreadPoolExecutor
) -> None:
    filled.rows("UPDATE lake.marts.mart_cell_growth SET vcd = 0")
    proof(filled).prove()  # and now the process dies
    outbox = Outbox()
    proving = Proving(
        proof=proof(filled), publish=outbox, executor=thread, slice_keys=SLICE_KEYS, site="north"
    )
    await proving.at_start()
    await proving.at_start()
    (event,) = outbox.events
    assert isinstance(event, LakeBuilt)
    assert (event.site, event.data.objects) == ("north", ())
    assert event.data.marts["mart_cell_growth"].all
    assert event.data.marts.keys() == {"mart_cell_growth"}
