"""Intake on real servers: what does not go well, and how it is told."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from nats.errors import TimeoutError as NatsTimeoutError

from cytolake_contracts import (
    DeadLetter,
    FileLanded,
    FileRejected,
    FileRejectedData,
)
from cytolake_contracts.identity import object_id
from cytolake_runtime.topology import CYTOLAKE, MAX_DELIVER
from tests.integration.intake_site import Site, converted, on_both_stores

pytestmark = pytest.mark.integration


async def test_an_unregistered_source_is_told_so(intake: Site) -> None:
    key = f"nobody-{intake.source}/a.csv"
    stored = intake.servers.s3("operator").put_object(Bucket="inbound", Key=key, Body=b"x")
    of = object_id("inbound", key, stored["VersionId"])
    await intake.until(lambda: intake.state(of), "rejected")
    ((code, message),) = intake.ask(
        "SELECT reason_code, message FROM intake.object WHERE object_id = %s", of
    )
    assert code == "UNKNOWN_SOURCE"
    assert "register the source" in message


async def test_a_rejection_is_kept_with_its_sentence(intake: Site) -> None:
    of = intake.put("bad.csv", b"bad")
    await intake.until(lambda: intake.state(of), "landed")
    (landed,) = await intake.landed(of)
    data = FileRejectedData(
        file=landed.data.file, reason_code="BAD_CELL", message="Row 3 is odd.", stage="convert"
    )
    await intake.say(FileRejected.following(landed, source="cytolake/converter", data=data))
    await intake.until(lambda: intake.state(of), "rejected")
    query = "SELECT reason_code, message FROM intake.object WHERE object_id = %s"
    assert intake.ask(query, of) == [("BAD_CELL", "Row 3 is odd.")]
    again = intake.put("bad again.csv", b"bad")
    await intake.until(lambda: intake.state(again), "landed")


async def _publish(intake: Site, user: str, subject: str, body: bytes) -> int:
    async with intake.servers.nats(user) as client:
        return int((await client.jetstream().publish(subject, body)).seq)


def _notification(key: str, version: str) -> dict[str, Any]:
    s3 = {"bucket": {"name": "inbound"}, "object": {"key": key, "versionId": version}}
    return {"Records": [{"eventName": "s3:ObjectCreated:Put", "s3": s3}]}


async def test_what_is_no_notification_is_dead_lettered_and_holds_nobody_up(intake: Site) -> None:
    marker = f"not json {intake.source}"
    await _publish(intake, "bridge", "store.inbound", marker.encode())
    of = intake.put("neighbour.csv", b"n")
    await intake.until(lambda: intake.state(of), "landed")
    query = "SELECT count(*) FROM intake.event WHERE type = 'dead.intake' AND message LIKE %s"
    await intake.until(lambda: intake.ask(query, f"%{marker}%"), [(1,)])


@on_both_stores
async def test_an_object_that_is_gone_ends_vanished(intake: Site) -> None:
    key, version = f"{intake.source}/gone.csv", str(uuid4())  # MinIO's versions are UUIDs
    body = json.dumps(_notification(key, version)).encode()
    await _publish(intake, "bridge", "store.inbound", body)
    of = object_id("inbound", key, version)
    await intake.until(lambda: intake.state(of), "vanished")


async def test_a_dead_letter_fails_the_run_and_the_outcome_heals_it(intake: Site) -> None:
    of = intake.put("dead.csv", b"dead")
    await intake.until(lambda: intake.state(of), "landed")
    (landed,) = await intake.landed(of)
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
    await _publish(intake, "converter", "dead.converter", letter.model_dump_json().encode())
    await intake.until(lambda: intake.state(of), "failed")
    query = "SELECT reason_code, message FROM intake.object WHERE object_id = %s"
    ((code, message),) = intake.ask(query, of)
    assert code == "DEAD_LETTERED"
    assert "ZeroDivisionError: division by zero" in message
    await intake.say(converted(landed))
    await intake.until(lambda: intake.state(of), "converted")
    assert intake.ask(query, of) == [(None, None)]


async def test_a_message_that_nobody_answers_is_dead_lettered_by_its_advisory(intake: Site) -> None:
    of = intake.put("killer.csv", b"killer")
    await intake.until(lambda: intake.state(of), "landed")
    async with intake.servers.nats("converter") as client:
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
    await intake.until(lambda: intake.state(of), "failed")
    query = "SELECT message FROM intake.object WHERE object_id = %s"
    assert "died or hung" in str(intake.ask(query, of))
