"""Rounds of checks: what is looked at, what is kept, what is shown, when it is told again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pyarrow as pa
import pytest

from cytolake_contracts import BuiltObject, LakeBuilt, LakeBuiltData, SliceSet
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.evidence import PAGES
from cytolake_runtime import Retryable
from cytolake_validator.checker.checks import COLUMNS_RULE
from cytolake_validator.checker.pace import Pace
from cytolake_validator.checker.testing import FixedJudge, MemoryShelf, MemoryTables, checking
from cytolake_validator.pages.document import Verdict, read_result
from cytolake_validator.pages.testing import converted, table_of

MART = "mart_measurement"
EARLIER = datetime(2026, 11, 22, 8, tzinfo=UTC)


def built(number: int, *objects: int, mart: SliceSet | None = None) -> LakeBuilt:
    members = tuple(
        BuiltObject(
            object_id=UUID(int=one),
            run_id=UUID(int=100 + one),
            run_no=2,
            announcement=1,
            dataset="sample",
            rows=8,
            site="main",
        )
        for one in objects
    )
    slices = mart or SliceSet(key="object_id", ids=tuple(str(UUID(int=one)) for one in objects))
    data = LakeBuiltData(
        build_no=number, snapshot_id=10 + number, objects=members, marts={MART: slices}
    )
    return LakeBuilt.of_build(data, site="main")


def with_runs(*objects: int) -> MemoryShelf:
    shelf = MemoryShelf()
    for one in objects:
        shelf.add_run(converted(one))
    return shelf


async def test_a_build_has_results_of_its_tables_and_pages_of_everything() -> None:
    shelf = with_runs(1)
    tables = MemoryTables()
    await checking(shelf, tables=tables).on_lake_built(built(7, 1))
    looked_at = {slices.contract.name: slices for slices in tables.asked}
    assert {"fct_measurement", "dim_sample", MART} <= looked_at.keys()
    assert looked_at["fct_measurement"].ids == (str(UUID(int=1)),)
    (key,) = shelf.named(f"validation/mart/{MART}/7-")
    assert read_result(shelf.objects[key]).verdict is Verdict.KEPT
    assert len(shelf.named(f"{PAGES}raw/sample/2026-11-23/{UUID(int=1)}.2.html")) == 1
    assert shelf.named(f"{PAGES}mart/{MART}/")
    assert {f"{PAGES}index.html", f"{PAGES}style.css"} <= shelf.objects.keys()


async def test_a_broken_rule_is_found_named_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    shelf = with_runs(1)
    rule = next(r for r in load_contracts()[MART].rules if r.severity == "block")
    judge = FixedJudge({MART: {rule.id: (2,)}})
    await checking(shelf, judge=judge).on_lake_built(built(7, 1))
    (key,) = shelf.named(f"validation/mart/{MART}/7-")
    result = read_result(shelf.objects[key])
    assert result.verdict is Verdict.BROKEN
    assert [found.rule for found in result.broken] == [rule.id]
    assert rule.description in caplog.text
    (page,) = shelf.named(f"{PAGES}mart/{MART}/{result.at:%Y-%m-%d}/7-")
    assert b"breaks its contract" in shelf.objects[page]


async def test_a_row_that_was_let_in_is_shown_and_no_breach(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shelf, contract = with_runs(1), load_contracts()[MART]
    rule = next(r for r in contract.rules if r.severity == "block")
    table = table_of(contract, {"has_warnings": True})
    judge = FixedJudge({MART: {rule.id: (3,)}})
    checker = checking(shelf, tables=MemoryTables({MART: table}), judge=judge)
    await checker.on_lake_built(built(7, 1))
    (key,) = shelf.named(f"validation/mart/{MART}/7-")
    result = read_result(shelf.objects[key])
    assert (result.verdict, len(result.broken)) == (Verdict.WARNED, 1)
    assert "breaks its contract" not in caplog.text
    assert b"let in by the gate" in shelf.objects[result.page_key]


async def test_builds_that_wait_are_looked_at_together() -> None:
    shelf, tables = with_runs(1, 2, 3), MemoryTables()
    checker = checking(shelf, tables=tables)
    await asyncio.gather(*(checker.on_lake_built(built(7 + n, n)) for n in (1, 2, 3)))
    assert len([slices for slices in tables.asked if slices.contract.name == MART]) == 1
    (key,) = shelf.named(f"validation/mart/{MART}/10-")
    assert [build.build_no for build in read_result(shelf.objects[key]).builds] == [8, 9, 10]


async def test_of_a_build_of_no_file_the_whole_marts_are_looked_at() -> None:
    tables = MemoryTables()
    whole = SliceSet(key="object_id", all=True)
    await checking(MemoryShelf(), tables=tables).on_lake_built(built(7, mart=whole))
    (asked,) = tables.asked
    assert (asked.contract.name, asked.all) == (MART, True)


async def test_a_build_that_the_marts_do_not_show_yet_waits_alone() -> None:
    shelf, early = with_runs(1, 2), built(8, 2)
    checker = checking(shelf, tables=MemoryTables(not_shown={early.id}))
    done, waiting = await asyncio.gather(
        checker.on_lake_built(built(7, 1)), checker.on_lake_built(early), return_exceptions=True
    )
    assert done is None
    assert isinstance(waiting, Retryable)
    assert shelf.named(f"{UUID(int=1)}.2.html")
    assert not shelf.named(f"{UUID(int=2)}.2.html")


async def test_told_again_by_another_process_it_ends_the_same() -> None:
    shelf = with_runs(1)
    await checking(shelf).on_lake_built(built(7, 1))
    before = dict(shelf.objects)
    await checking(shelf).on_lake_built(LakeBuilt.from_bytes(built(7, 1).to_bytes()))
    now = {key for key in shelf.objects if not key.startswith(f"{PAGES}mart")}
    assert now == {key for key in before if not key.startswith(f"{PAGES}mart")}
    raw = f"{PAGES}raw/sample/2026-11-23/index.html"
    assert shelf.objects[raw] == before[raw]


async def test_another_process_knows_the_days_earlier_results() -> None:
    shelf = with_runs(1, 2)
    await checking(shelf).on_lake_built(built(7, 1))
    await checking(shelf).on_lake_built(built(8, 2))
    index = shelf.objects[f"{PAGES}raw/sample/2026-11-23/index.html"]
    assert index.count(f"{UUID(int=1)}.2.html".encode()) == 1
    assert index.count(f"{UUID(int=2)}.2.html".encode()) == 1


async def test_two_at_once_leave_one_index_of_both() -> None:
    shelf = with_runs(1, 2)
    first, second = checking(shelf), checking(shelf)
    await asyncio.gather(
        first.on_lake_built(built(7, 1)), second.on_lake_built(built(8, 2)), return_exceptions=False
    )
    index = shelf.objects[f"{PAGES}raw/sample/2026-11-23/index.html"]
    assert all(f"{UUID(int=one)}.2.html".encode() in index for one in (1, 2))


async def test_an_index_that_says_the_same_is_not_written_again() -> None:
    shelf = with_runs(1)
    shelf.add_run(converted(2, received_at=EARLIER))
    checker = checking(shelf)
    await checker.on_lake_built(built(7, 1))
    shelf.puts.clear()
    await checker.on_lake_built(built(8, 2))
    assert f"{PAGES}raw/sample/2026-11-23/index.html" not in shelf.puts
    assert f"{PAGES}raw/sample/2026-11-22/index.html" in shelf.puts
    assert f"{PAGES}raw/sample/index.html" in shelf.puts
    assert f"{PAGES}style.css" not in shelf.puts


async def test_a_table_without_a_contracted_column_is_found() -> None:
    contract = load_contracts()[MART]
    rows = pa.table({"object_id": ["a"], contract.column_names[0]: ["b"]})
    shelf = with_runs(1)
    await checking(shelf, tables=MemoryTables({MART: rows})).on_lake_built(built(7, 1))
    (key,) = shelf.named(f"validation/mart/{MART}/7-")
    (rule,) = read_result(shelf.objects[key]).broken
    assert rule.rule == COLUMNS_RULE
    assert contract.column_names[-1] in rule.description


async def test_a_result_that_is_gone_or_odd_stops_nothing() -> None:
    shelf = with_runs(1, 2)
    shelf.objects[shelf.named(str(UUID(int=2)))[0]] = b"{"
    await checking(shelf).on_lake_built(built(7, 1, 2, 3))
    assert shelf.named(f"{UUID(int=1)}.2.html")
    assert not shelf.named(f"{UUID(int=2)}.2.html")


def test_the_rest_grows_with_the_work_and_ends_somewhere() -> None:
    now = [0.0]
    pace = Pace(shortest=2, longest=60, share=0.1, cpu_seconds=lambda: now[0])
    assert pace.rest_seconds() == 2
    now[0] = 1.0
    assert pace.rest_seconds() == 10
    now[0] = 100.0
    assert pace.rest_seconds() == 60


async def test_a_rest_ends_when_the_process_is_to_stop() -> None:
    pace = Pace(shortest=600, longest=600, share=1)
    living = asyncio.create_task(pace.until_ended())
    resting = asyncio.create_task(pace.rest())
    await asyncio.sleep(0)
    living.cancel()
    with pytest.raises(Retryable, match="to stop"):
        await resting
    with pytest.raises(Retryable, match="to stop"):
        await pace.before_something_big()
