from __future__ import annotations

from uuid import uuid5

import pytest

from cytolake_contracts.identity import NAMESPACE
from cytolake_transformer.builds import (
    Outcome,
    Part,
    Slices,
    events_of,
    halves,
    load_of,
    merged,
    once_each,
)
from cytolake_transformer.testing import load, validated
from cytolake_transformer.touched import Known, datasets_of, models_touched, touched_by

A, B = str(uuid5(NAMESPACE, "a")), str(uuid5(NAMESPACE, "b"))


def test_a_load_is_what_the_event_says() -> None:
    event = validated(run_no=3, announcement=2)
    found = load_of(event, lake_bucket="lake")
    assert found.key == (str(event.object_id), 3)
    assert found.parquet_path == f"s3://lake/{event.data.table.parquet_key}"
    assert (found.file_key, found.object_seq) == (event.data.file.key, event.data.file.object_seq)
    assert found.landed_at == event.data.file.last_modified
    assert (found.rows, found.warnings) == (event.data.table.rows, len(event.data.warnings))
    assert found.announcement == 2


def test_every_table_of_a_run_is_a_part_of_its_load() -> None:
    event = validated()
    other = event.data.table.model_copy(update={"dataset": "point", "parquet_key": "p", "rows": 9})
    data = event.data.model_copy(update={"others": (other,)})
    found = load_of(event.model_copy(update={"data": data}), lake_bucket="lake")
    assert found.parts[0].dataset == found.dataset == event.data.table.dataset
    assert found.others == (Part("point", 9, "s3://lake/p"),)
    assert datasets_of([found]) == ("measurement", "point")


def test_a_run_told_twice_is_taken_once_under_its_latest_announcement() -> None:
    told = [load("a"), load("b"), load("a", announcement=3), load("a", announcement=2)]
    assert [(x.object_id, x.announcement) for x in once_each(told)] == [("a", 3), ("b", 1)]


def test_two_runs_of_an_object_are_two() -> None:
    assert len(once_each([load("a"), load("a", run_no=2)])) == 2


@pytest.mark.parametrize("count", [2, 3, 7, 40])
def test_halves_lose_nobody_and_end(count: int) -> None:
    loads = [load(str(i)) for i in range(count)]
    first, second = halves(loads)
    assert [*first, *second] == loads
    assert first
    assert second


def test_datasets_are_named_once() -> None:
    assert datasets_of([load("a", dataset="sample"), load("b"), load("c")]) == (
        "measurement",
        "sample",
    )


def test_a_build_touches_its_runs_and_what_their_files_ever_had() -> None:
    known = Known(
        files=frozenset({"vicell-1/a.csv"}),
        objects={"point": frozenset({"a"}), "measurement": frozenset({"a", "a-before"})},
    )
    touched = touched_by([load("a", run_no=2), load("b")], known)
    assert touched.files == {"vicell-1/a.csv", "vicell-1/b.csv"}
    assert touched.objects == {"point": {"a"}, "measurement": {"a", "a-before", "b"}}
    assert touched.new == {"b"}
    assert touched.lists()["touched_point"] == ["a"]
    assert touched.lists()["new_object"] == ["b"]


def test_models_touched_are_the_tables_downstream() -> None:
    children = {
        "source.sample": ["stg_sample"],
        "stg_sample": ["dim_sample"],
        "source.measurement": ["stg_measurement"],
        "stg_measurement": ["fct_measurement"],
        "fct_measurement": ["mart_measurement", "dim_instrument"],
        "dim_sample": ["mart_measurement"],
    }
    hot = ["dim_sample", "fct_measurement", "mart_measurement"]
    assert models_touched(children, ["source.sample"], hot=hot) == (
        "dim_sample",
        "mart_measurement",
    )
    assert models_touched(children, ["source.measurement"], hot=hot) == (
        "fct_measurement",
        "mart_measurement",
    )


def test_merged_slices_hold_both() -> None:
    first = {"m": Slices("object_id", frozenset("a"))}
    second = {"m": Slices("object_id", frozenset("b")), "g": Slices("batch_id", frozenset("x"))}
    assert merged(first, second) == {
        "m": Slices("object_id", frozenset("ab")),
        "g": Slices("batch_id", frozenset("x")),
    }


def outcome(**given: object) -> Outcome:
    made = Outcome(
        build_no=7,
        snapshot_id=90,
        built=(load(B, run_id=B), load(A, run_id=A)),
        marts={
            "mart_measurement": Slices("object_id", frozenset([B, A])),
            "dim_sample": Slices("sample_id", frozenset("s")),
        },
    )
    return made if not given else Outcome(**(vars_of(made) | given))  # type: ignore[arg-type]


def vars_of(made: Outcome) -> dict[str, object]:
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


def test_one_event_names_the_runs_the_snapshot_and_the_marts_slices() -> None:
    (event,) = events_of(outcome(), marts=["mart_measurement"])
    assert event.subject == "build/7"
    assert event.data.snapshot_id == 90
    assert [str(built.object_id) for built in event.data.objects] == sorted([A, B])
    assert set(event.data.marts) == {"mart_measurement"}
    assert event.data.marts["mart_measurement"].ids == tuple(sorted([A, B]))


def test_nothing_built_nothing_said() -> None:
    assert events_of(outcome(built=()), marts=["mart_measurement"]) == ()


def test_each_site_is_told_of_its_own_runs() -> None:
    built = (load(A, run_id=A, site="north"), load(B, run_id=B, site="south"))
    said = events_of(outcome(built=built), marts=["mart_measurement"])
    assert [(e.site, str(e.data.objects[0].object_id)) for e in said] == [
        ("north", A),
        ("south", B),
    ]


def test_told_again_is_another_message_of_the_same_form() -> None:
    first = events_of(outcome(), marts=[])[0]
    again = events_of(outcome(built=(load(A, run_id=A, announcement=2),)), marts=[])[0]
    assert first.message_id == events_of(outcome(), marts=[])[0].message_id
    assert first.message_id != again.message_id
