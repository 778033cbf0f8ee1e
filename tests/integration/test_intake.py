"""Intake on real servers: what is put into the bucket is registered, announced and followed."""

from __future__ import annotations

import asyncio

import pytest

from cytolake_contracts import (
    BuiltObject,
    Event,
    FileLanded,
    FileValidated,
    FileValidatedData,
    LakeBuilt,
    LakeBuiltData,
    MartLoaded,
)
from tests.integration.intake_site import Site, converted, on_both_stores

pytestmark = pytest.mark.integration


def story(landed: FileLanded, *, build_no: int) -> list[Event]:
    """Return what the services say of a file that goes well."""
    assert landed.object_id is not None
    assert landed.run_id is not None
    first = converted(landed)
    data = FileValidatedData(file=landed.data.file, table=first.data.table, result_key="r")
    built = BuiltObject(
        object_id=landed.object_id,
        run_id=landed.run_id,
        run_no=1,
        announcement=1,
        dataset="sample",
        rows=5,
        site="main",
    )
    lake = LakeBuilt.of_build(
        LakeBuiltData(build_no=build_no, snapshot_id=1, objects=(built,), marts={}), site="main"
    )
    return [
        first,
        FileValidated.following(first, source="cytolake/validator", data=data),
        lake,
        MartLoaded.following_build(lake, {}),
    ]


@on_both_stores
async def test_a_put_is_registered_announced_and_followed_to_its_end(intake: Site) -> None:
    of = intake.put("a.csv", b"A")
    await intake.until(lambda: intake.state(of), "landed")
    (landed,) = await intake.landed(of)
    assert landed.data.file.key == f"{intake.source}/a.csv"
    assert (landed.data.file.object_seq, landed.data.file.source.name) == (1, intake.source)
    for event, state in zip(
        story(landed, build_no=1), ("converted", "validated", "built", "loaded"), strict=True
    ):
        await intake.say(event)
        await intake.until(lambda: intake.state(of), state)
    ((rows, ended_at),) = intake.ask(
        "SELECT rows, ended_at FROM intake.run WHERE object_id = %s", of
    )
    assert rows == 5
    assert ended_at is not None


async def test_a_story_told_backwards_and_twice_comes_to_the_same_end(intake: Site) -> None:
    of = intake.put("a.csv", b"backwards")
    await intake.until(lambda: intake.state(of), "landed")
    (landed,) = await intake.landed(of)
    told = story(landed, build_no=2)
    await intake.say(*reversed(told), *told)
    await intake.until(lambda: intake.state(of), "loaded")
    query = "SELECT count(*) FROM intake.event WHERE run_id = %s"
    await intake.until(lambda: intake.ask(query, landed.run_id), [(3,)])


@on_both_stores
async def test_an_older_version_that_is_loaded_later_ends_superseded(intake: Site) -> None:
    first, second = intake.put("over.csv", b"A1"), intake.put("over.csv", b"B1")
    await intake.until(lambda: (intake.state(first), intake.state(second)), ("landed", "landed"))
    ((old,), (new,)) = await intake.landed(first), await intake.landed(second)
    assert (old.data.file.object_seq, new.data.file.object_seq) == (1, 2)
    await intake.say(*story(new, build_no=3), *story(old, build_no=4))
    await intake.until(
        lambda: (intake.state(first), intake.state(second)), ("superseded", "loaded")
    )


@on_both_stores
async def test_a_then_b_then_a_again_opens_three_runs(intake: Site) -> None:
    versions = [intake.put("aba.csv", body) for body in (b"A2", b"B2", b"A2")]
    await intake.until(lambda: [intake.state(of) for of in versions], ["landed"] * 3)
    numbers = [(await intake.landed(of))[0].data.file.object_seq for of in versions]
    assert numbers == [1, 2, 3]


@on_both_stores
async def test_the_same_bytes_twice_at_once_are_parsed_once(intake: Site) -> None:
    names = [f"twin-{i}.csv" for i in range(6)]
    put = [asyncio.to_thread(intake.put, name, b"twins") for name in names]
    objects = await asyncio.gather(*put)
    await intake.until(
        lambda: sorted(str(intake.state(of)) for of in objects), ["duplicate"] * 5 + ["landed"]
    )
    assert sum([len(await intake.landed(of)) for of in objects]) == 1


async def test_a_duplicate_is_parsed_once_its_original_is_overwritten(intake: Site) -> None:
    original = intake.put("first.csv", b"bytes")
    await intake.until(lambda: intake.state(original), "landed")
    copy = intake.put("second.csv", b"bytes")
    await intake.until(lambda: intake.state(copy), "duplicate")
    intake.put("first.csv", b"other bytes")
    await intake.until(lambda: intake.state(copy), "landed")


@on_both_stores
@pytest.mark.parametrize(
    "name", ["a b.csv", "a+b.csv", "a%2Fb.csv", "é.csv", "100%.csv", "a&b=c?.csv", "a..b.csv"]
)
async def test_keys_are_registered_as_they_were_written(intake: Site, name: str) -> None:
    of = intake.put(name, name.encode())
    await intake.until(lambda: intake.state(of), "landed")
    assert (await intake.landed(of))[0].data.file.key == f"{intake.source}/{name}"
