from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytolake_contracts import LakeBuilt, MartChange, SliceSet
from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.slices import Written, as_of, attributed, union
from cytolake_mart_loader.testing import lake_built

CONTRACTS = {name: found for name, found in load_contracts().items() if found.zone == "mart"}


def files(*ids: str, whole: bool = False) -> dict[str, SliceSet]:
    return {"mart_measurement": SliceSet(key="object_id", ids=ids, all=whole)}


def batches(*ids: str) -> dict[str, SliceSet]:
    return {"mart_cell_growth": SliceSet(key="batch_id", ids=ids)}


def test_union_names_each_slice_once() -> None:
    builds = [lake_built(1, 5, files("b", "a") | batches("X")), lake_built(2, 9, files("b", "c"))]
    assert union(builds, CONTRACTS) == batches("X") | files("a", "b", "c")


def test_union_is_the_whole_mart_when_one_build_asks_for_it() -> None:
    builds = [lake_built(1, 5, files("a")), lake_built(2, 9, files(whole=True))]
    assert union(builds, CONTRACTS) == files(whole=True)


def test_union_leaves_out_marts_without_slices() -> None:
    assert union([lake_built(1, 5, files())], CONTRACTS) == {}


@pytest.mark.parametrize(
    "marts",
    [
        {"mart_unknown": SliceSet(key="object_id", ids=("a",))},
        {"mart_measurement": SliceSet(key="batch_id", ids=("a",))},
    ],
)
def test_union_refuses_what_no_contract_knows(marts: dict[str, SliceSet]) -> None:
    with pytest.raises(ValueError, match=r"mart_unknown|sliced by object_id"):
        union([lake_built(1, 5, marts)], CONTRACTS)


@pytest.mark.parametrize(("newest", "expected"), [(0, 9), (9, 9), (12, 12)])
def test_as_of_is_never_older_than_the_marts(newest: int, expected: int) -> None:
    builds = [lake_built(1, 5, files("a")), lake_built(2, 9, files("b"))]
    assert as_of(builds, newest) == expected


def test_a_shared_slice_counts_for_the_first_build_that_names_it() -> None:
    first, second = lake_built(1, 5, files("a")), lake_built(2, 9, files("a", "b"))
    written = [
        Written(mart="mart_measurement", slice_id="a", action="INSERT", rows=3),
        Written(mart="mart_measurement", slice_id="b", action="UPDATE", rows=2),
        Written(mart="mart_measurement", slice_id="b", action="DELETE", rows=1),
    ]
    assert attributed([first, second], written) == {
        first.id: {"mart_measurement": MartChange(inserted=3)},
        second.id: {"mart_measurement": MartChange(updated=2, deleted=1)},
    }


def test_a_build_that_changed_nothing_still_names_its_marts() -> None:
    build = lake_built(1, 5, files("a") | batches("X"))
    nothing = {"mart_measurement": MartChange(), "mart_cell_growth": MartChange()}
    assert attributed([build], []) == {build.id: nothing}


IDS = st.sampled_from(["a", "b", "c", "d"])
BUILDS = st.lists(st.tuples(st.lists(IDS, max_size=3), st.booleans()), min_size=1, max_size=5).map(
    lambda drawn: [
        lake_built(number, number, files(*ids, whole=whole))
        for number, (ids, whole) in enumerate(drawn, start=1)
    ]
)


@given(BUILDS, st.data())
def test_every_row_counts_for_exactly_one_build(
    builds: list[LakeBuilt], data: st.DataObject
) -> None:
    wanted = union(builds, CONTRACTS).get("mart_measurement")
    possible = list("abcd") if wanted and wanted.all else list(wanted.ids if wanted else ())
    slices = data.draw(
        st.lists(st.sampled_from(possible), unique=True) if possible else st.just([])
    )
    written = [
        Written(mart="mart_measurement", slice_id=slice_id, action="INSERT", rows=number)
        for number, slice_id in enumerate(slices, start=1)
    ]
    shares = attributed(builds, written).values()
    total = sum(change.inserted for marts in shares for change in marts.values())
    assert total == sum(row.rows for row in written)
