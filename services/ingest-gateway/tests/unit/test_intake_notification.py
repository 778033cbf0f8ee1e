"""Reading a store's notification, as MinIO writes it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytolake_contracts import UnreadableEventError
from cytolake_ingest_gateway.intake.notification import Sign, signs


def body(encoded_key: str, *, event: str = "s3:ObjectCreated:Put", **extra: Any) -> bytes:
    s3 = {"bucket": {"name": "inbound"}, "object": {"key": encoded_key, **extra}}
    return json.dumps({"Records": [{"eventName": event, "s3": s3}]}).encode()


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("vicell%2Frun+1.csv", "vicell/run 1.csv"),
        ("vicell/a%2Bb.csv", "vicell/a+b.csv"),
        ("vicell/a%252Fb.csv", "vicell/a%2Fb.csv"),
        ("vicell/%C3%A9.csv", "vicell/é.csv"),
        ("vicell/..", "vicell/.."),
    ],
)
def test_a_key_is_decoded_exactly_once(encoded: str, key: str) -> None:
    assert signs(body(encoded, versionId="v1")) == (Sign("inbound", key, "v1"),)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_key_comes_out_as_it_was_written(key: str) -> None:
    assert signs(body(quote_plus(key)))[0].key == key


def test_a_notification_without_a_version_points_to_the_newest() -> None:
    assert signs(body("a/b"))[0].version_id is None
    assert signs(body("a/b", versionId=""))[0].version_id is None


def test_removals_say_nothing() -> None:
    assert signs(body("a/b", event="s3:ObjectRemoved:Delete")) == ()


@pytest.mark.parametrize(
    "unreadable",
    [b"", b"not json", b"[]", b"{}", b'{"Records": 3}', b'{"Records": [1]}', body("a/%ff")],
)
def test_what_is_no_notification_is_unreadable(unreadable: bytes) -> None:
    with pytest.raises(UnreadableEventError):
        signs(unreadable)
