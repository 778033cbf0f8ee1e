"""Ids come from causes: the same cause, the same id; another announcement, another message."""

from __future__ import annotations

import pytest

from cytolake_contracts import FileConverted, FileLanded, LakeBuilt, MartLoaded
from cytolake_contracts.examples import valid_examples
from cytolake_contracts.identity import (
    build_cause,
    object_id,
    run_id,
    source_of,
    traceparent_for_run,
)


def test_a_version_has_one_id_and_another_version_another() -> None:
    first = object_id("inbound", "vicell/é a.csv", "v1")
    assert first == object_id("inbound", "vicell/é a.csv", "v1")
    assert first != object_id("inbound", "vicell/é a.csv", "v2")


def test_the_trace_is_the_run() -> None:
    run = run_id(object_id("inbound", "k", "v1"), 1)
    assert traceparent_for_run(run).split("-")[1] == run.hex


def test_an_event_following_another_belongs_to_its_run() -> None:
    landed = FileLanded.from_bytes(valid_examples(FileLanded.type_name())["vi-cell-blu.json"])
    converted = FileConverted.from_bytes(
        valid_examples(FileConverted.type_name())["measurement.json"]
    )
    again = FileConverted.following(landed, source="cytolake/converter", data=converted.data)
    assert again.id == converted.id
    assert (again.run_id, again.announcement) == (landed.run_id, landed.announcement)


def test_a_repair_is_no_duplicate() -> None:
    landed = FileLanded.from_bytes(valid_examples(FileLanded.type_name())["vi-cell-blu.json"])
    repair = landed.model_copy(update={"announcement": 2})
    assert repair.id == landed.id
    assert repair.message_id != landed.message_id


def test_a_build_answers_under_one_id_whatever_the_order_of_its_members() -> None:
    assert build_cause(1, 2, ("a.1", "b.1")) == build_cause(1, 2, ("b.1", "a.1"))
    built = LakeBuilt.from_bytes(valid_examples(LakeBuilt.type_name())["two-files.json"])
    assert LakeBuilt.of_build(built.data, site="main").id == built.id
    assert MartLoaded.following_build(built, {}).id == MartLoaded.following_build(built, {}).id


@pytest.mark.parametrize(
    ("key", "source"),
    [
        ("vicell/2026/11/23/a.csv", "vicell"),
        ("a.csv", "a.csv"),
        ("lims/acme/2026/11/27/x.json", "lims/acme"),
        ("lims/acme/analyses/2026/11/27/x.parquet", "lims/acme"),
        ("lims/x.json", "lims"),
        ("limsy/acme/x.json", "limsy"),
    ],
)
def test_a_key_names_its_source(key: str, source: str) -> None:
    assert source_of(key) == source
