"""Intake on real servers: what is put into the bucket is registered, announced and followed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from nats.errors import TimeoutError as NatsTimeoutError

from cytolake_contracts import (
    BuiltObject,
    DeadLetter,
    Event,
    FileConverted,
    FileConvertedData,
    FileLanded,
    FileRejected,
    FileRejectedData,
    FileValidated,
    FileValidatedData,
    LakeBuilt,
    LakeBuiltData,
    MartLoaded,
    ParserRef,
    TableRef,
)
from cytolake_contracts.identity import object_id
from cytolake_runtime.topology import CYTOLAKE, MAX_DELIVER
from tests.integration.intake_site import Site, intake_site
from tests.support.stack import Servers

pytestmark = pytest.mark.integration


on_both_stores = pytest.mark.parametrize(
    "site", ["servers", pytest.param("minio_servers", marks=pytest.mark.minio)], indirect=True
)


@pytest.fixture
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    servers: Servers = request.getfixturevalue(getattr(request, "param", "servers"))
    async with intake_site(servers) as made:
        yield made


def converted(landed: FileLanded, *, rows: int = 5) -> FileConverted:
    table = TableRef(
        dataset="sample",
        contract_version="1.0.0",
        parquet_key=f"raw/sample/{landed.object_id}/1.parquet",
        parquet_sha256="0" * 64,
        rows=rows,
    )
    data = FileConvertedData(
        file=landed.data.file, table=table, parser=ParserRef(name="sample_list", version="1")
    )
    return FileConverted.following(landed, source="cytolake/converter", data=data)


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
async def test_a_put_is_registered_announced_and_followed_to_its_end(site: Site) -> None:
    of = site.put("a.csv", b"A")
    await site.until(lambda: site.state(of), "landed")
    (landed,) = await site.landed(of)
    assert landed.data.file.key == f"{site.source}/a.csv"
    assert (landed.data.file.object_seq, landed.data.file.source.name) == (1, site.source)
    for event, state in zip(
        story(landed, build_no=1), ("converted", "validated", "built", "loaded"), strict=True
    ):
        await site.say(event)
        await site.until(lambda: site.state(of), state)
    ((rows, ended_at),) = site.ask("SELECT rows, ended_at FROM intake.run WHERE object_id = %s", of)
    assert rows == 5
    assert ended_at is not None


async def test_a_story_told_backwards_and_twice_comes_to_the_same_end(site: Site) -> None:
    of = site.put("a.csv", b"backwards")
    await site.until(lambda: site.state(of), "landed")
    (landed,) = await site.landed(of)
    told = story(landed, build_no=2)
    await site.say(*reversed(told), *told)
    await site.until(lambda: site.state(of), "loaded")
    query = "SELECT count(*) FROM intake.event WHERE run_id = %s"
    await site.until(lambda: site.ask(query, landed.run_id), [(3,)])


@on_both_stores
async def test_an_older_version_that_is_loaded_later_ends_superseded(site: Site) -> None:
    first, second = site.put("over.csv", b"A1"), site.put("over.csv", b"B1")
    await site.until(lambda: (site.state(first), site.state(second)), ("landed", "landed"))
    ((old,), (new,)) = await site.landed(first), await site.landed(second)
    assert (old.data.file.object_seq, new.data.file.object_seq) == (1, 2)
    await site.say(*story(new, build_no=3), *story(old, build_no=4))
    await site.until(lambda: (site.state(first), site.state(second)), ("superseded", "loaded"))


@on_both_stores
async def test_a_then_b_then_a_again_opens_three_runs(site: Site) -> None:
    versions = [site.put("aba.csv", body) for body in (b"A2", b"B2", b"A2")]
    await site.until(lambda: [site.state(of) for of in versions], ["landed"] * 3)
    numbers = [(await site.landed(of))[0].data.file.object_seq for of in versions]
    assert numbers == [1, 2, 3]


@on_both_stores
async def test_the_same_bytes_twice_at_once_are_parsed_once(site: Site) -> None:
    names = [f"twin-{i}.csv" for i in range(6)]
    put = [asyncio.to_thread(site.put, name, b"twins") for name in names]
    objects = await asyncio.gather(*put)
    await site.until(
        lambda: sorted(str(site.state(of)) for of in objects), ["duplicate"] * 5 + ["landed"]
    )
    assert sum([len(await site.landed(of)) for of in objects]) == 1


async def test_a_duplicate_is_parsed_once_its_original_is_overwritten(site: Site) -> None:
    original = site.put("first.csv", b"bytes")
    await site.until(lambda: site.state(original), "landed")
    copy = site.put("second.csv", b"bytes")
    await site.until(lambda: site.state(copy), "duplicate")
    site.put("first.csv", b"other bytes")
    await site.until(lambda: site.state(copy), "landed")


@on_both_stores
@pytest.mark.parametrize(
    "name", ["a b.csv", "a+b.csv", "a%2Fb.csv", "é.csv", "100%.csv", "a&b=c?.csv", "a..b.csv"]
)
async def test_keys_are_registered_as_they_were_written(site: Site, name: str) -> None:
    of = site.put(name, name.encode())
    await site.until(lambda: site.state(of), "landed")
    assert (await site.landed(of))[0].data.file.key == f"{site.source}/{name}"


async def test_an_unregistered_source_is_told_so(site: Site) -> None:
    key = f"nobody-{site.source}/a.csv"
    stored = site.servers.s3("operator").put_object(Bucket="inbound", Key=key, Body=b"x")
    of = object_id("inbound", key, stored["VersionId"])
    await site.until(lambda: site.state(of), "rejected")
    ((code, message),) = site.ask(
        "SELECT reason_code, message FROM intake.object WHERE object_id = %s", of
    )
    assert code == "UNKNOWN_SOURCE"
    assert "register the source" in message


async def test_a_rejection_is_kept_with_its_sentence(site: Site) -> None:
    of = site.put("bad.csv", b"bad")
    await site.until(lambda: site.state(of), "landed")
    (landed,) = await site.landed(of)
    data = FileRejectedData(
        file=landed.data.file, reason_code="BAD_CELL", message="Row 3 is odd.", stage="convert"
    )
    await site.say(FileRejected.following(landed, source="cytolake/converter", data=data))
    await site.until(lambda: site.state(of), "rejected")
    query = "SELECT reason_code, message FROM intake.object WHERE object_id = %s"
    assert site.ask(query, of) == [("BAD_CELL", "Row 3 is odd.")]
    again = site.put("bad again.csv", b"bad")
    await site.until(lambda: site.state(again), "landed")


async def _publish(site: Site, user: str, subject: str, body: bytes) -> int:
    async with site.servers.nats(user) as client:
        return int((await client.jetstream().publish(subject, body)).seq)


def _notification(key: str, version: str) -> dict[str, Any]:
    s3 = {"bucket": {"name": "inbound"}, "object": {"key": key, "versionId": version}}
    return {"Records": [{"eventName": "s3:ObjectCreated:Put", "s3": s3}]}


async def test_what_is_no_notification_is_dead_lettered_and_holds_nobody_up(site: Site) -> None:
    marker = f"not json {site.source}"
    await _publish(site, "bridge", "store.inbound", marker.encode())
    of = site.put("neighbour.csv", b"n")
    await site.until(lambda: site.state(of), "landed")
    query = "SELECT count(*) FROM intake.event WHERE type = 'dead.intake' AND message LIKE %s"
    await site.until(lambda: site.ask(query, f"%{marker}%"), [(1,)])


@on_both_stores
async def test_an_object_that_is_gone_ends_vanished(site: Site) -> None:
    key, version = f"{site.source}/gone.csv", str(uuid4())  # MinIO's versions are UUIDs
    body = json.dumps(_notification(key, version)).encode()
    await _publish(site, "bridge", "store.inbound", body)
    of = object_id("inbound", key, version)
    await site.until(lambda: site.state(of), "vanished")


async def test_a_dead_letter_fails_the_run_and_the_outcome_heals_it(site: Site) -> None:
    of = site.put("dead.csv", b"dead")
    await site.until(lambda: site.state(of), "landed")
    (landed,) = await site.landed(of)
    letter = DeadLetter(
        service="converter",
        subject=landed.nats_subject,
        stream="CYTOLAKE",
        sequence=1,
        consumer="converter",
        deliveries=3,
        error_type="ZeroDivisionError",
        message="division by zero",
        payload=landed.to_bytes().decode(),
        payload_encoding="utf-8",
        time=landed.time,
    )
    await _publish(site, "converter", "dead.converter", letter.model_dump_json().encode())
    await site.until(lambda: site.state(of), "failed")
    query = "SELECT reason_code, message FROM intake.object WHERE object_id = %s"
    ((code, message),) = site.ask(query, of)
    assert code == "DEAD_LETTERED"
    assert "ZeroDivisionError: division by zero" in message
    await site.say(converted(landed))
    await site.until(lambda: site.state(of), "converted")
    assert site.ask(query, of) == [(None, None)]


async def test_a_message_that_nobody_answers_is_dead_lettered_by_its_advisory(site: Site) -> None:
    of = site.put("killer.csv", b"killer")
    await site.until(lambda: site.state(of), "landed")
    async with site.servers.nats("converter") as client:
        # A converter that dies on this file each time: never an answer but "again".
        pull = await client.jetstream().pull_subscribe_bind("converter", stream=CYTOLAKE)
        deliveries = 0
        while deliveries < MAX_DELIVER:
            (message,) = await pull.fetch(1, timeout=10)
            is_killer = FileLanded.from_bytes(message.data).object_id == of
            await (message.nak() if is_killer else message.ack())
            deliveries += is_killer
        with suppress(NatsTimeoutError):
            await pull.fetch(1, timeout=1)
    await site.until(lambda: site.state(of), "failed")
    query = "SELECT message FROM intake.object WHERE object_id = %s"
    assert "died or hung" in str(site.ask(query, of))
