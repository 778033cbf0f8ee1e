"""The filer's events as MinIO's notifications; samples are from a real `filer.meta.tail`."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from cytolake.bridge.notification import StoredVersion, stored_version

VERSION = "67154c8354466eac1b45b451ad77c03d"


def event(**changes: Any) -> dict[str, Any]:
    entry = {
        "name": f"v_{VERSION}",
        "isDirectory": False,
        "attributes": {"fileSize": "10", "mime": "text/csv"},
        "extended": {
            "Seaweed-X-Amz-ETag": _b64("336311a016184326ddbdd61edd4eeb52"),
            "Seaweed-X-Amz-Version-Id": _b64(VERSION),
            "X-Amz-Meta-A": _b64("b"),
        },
    } | changes.pop("entry", {})
    change = {"oldEntry": None, "newEntry": entry} | changes.pop("change", {})
    return {
        "directory": "/buckets/inbound/vicell/a b+c é.txt.versions",
        "eventNotification": change,
        "tsNs": "1795444749704420505",
    } | changes


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_stored_version_is_told_in_minios_form() -> None:
    version = stored_version(event())
    assert version is not None
    told = json.loads(version.to_bytes())
    assert told["EventName"] == "s3:ObjectCreated:Put"
    assert told["Key"] == "inbound/vicell/a b+c é.txt"
    [record] = told["Records"]
    assert record["eventTime"] == "2026-11-23T14:39:09.704Z"
    assert record["s3"]["bucket"]["name"] == "inbound"
    assert record["s3"]["object"] == {
        "key": "vicell%2Fa+b%2Bc+%C3%A9.txt",
        "size": 10,
        "eTag": "336311a016184326ddbdd61edd4eeb52",
        "contentType": "text/csv",
        "userMetadata": {"X-Amz-Meta-A": "b"},
        "versionId": VERSION,
        "sequencer": "18EAB37CB7F8DC99",
    }


def test_one_version_has_one_message_id() -> None:
    first, again = stored_version(event()), stored_version(event(tsNs="1795444749704420999"))
    assert isinstance(first, StoredVersion)
    assert isinstance(again, StoredVersion)
    assert first.message_id == again.message_id


@pytest.mark.parametrize(
    "other",
    [
        event(entry={"isDirectory": True}),
        event(change={"oldEntry": {"name": "v_1"}}),
        event(change={"newEntry": None}),
        event(entry={"extended": {"Seaweed-X-Amz-Delete-Marker": _b64("true")}}),
        event(directory="/buckets/inbound/.uploads/5dce"),
        event(entry={"name": "0001.part"}),
    ],
    ids=["folder", "update", "delete", "delete marker", "upload part", "not a version"],
)
def test_everything_else_is_not_told(other: dict[str, Any]) -> None:
    assert stored_version(other) is None
