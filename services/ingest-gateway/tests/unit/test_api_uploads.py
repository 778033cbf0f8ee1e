"""`PUT /v1/files/…`: what is stored, what is refused, and in which words."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from cytolake_contracts.identity import object_id
from cytolake_ingest_gateway.api.testing import MemoryGateway

KEY = "cyk_vicell"
BODY = b"sample,viability\nS1,97.5\n"


@pytest.fixture
def gateway() -> MemoryGateway:
    made = MemoryGateway()
    made.add_source("vicell", KEY)
    made.add_source("other", "cyk_other")
    return made


async def put(
    gateway: MemoryGateway,
    path: str = "vicell/run.csv",
    *,
    key: str | None = KEY,
    body: Any = BODY,
    settings: dict[str, object] | None = None,
    **headers: str,
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with gateway.client(key, **(settings or {})) as client:
        return await client.put(f"/v1/files/{path}", content=body, headers=named)


def code(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    assert set(problem) == {"type", "title", "status", "detail", "code", "instance"}
    return str(problem["code"])


async def test_a_file_is_stored_under_a_dated_key_with_a_receipt(gateway: MemoryGateway) -> None:
    answer = await put(gateway, content_type="text/csv")
    assert answer.status_code == 201
    key = f"vicell/{datetime.now(UTC):%Y/%m/%d}/run.csv"
    assert gateway.stored == [(key, BODY, "text/csv")]
    of = object_id("inbound", key, "v1")
    assert answer.json() == {
        "object_id": str(of),
        "key": key,
        "version_id": "v1",
        "sha256": hashlib.sha256(BODY).hexdigest(),
        "size_bytes": len(BODY),
        "links": {"history": f"/v1/files/{of}"},
    }
    assert answer.headers["location"] == f"/v1/files/{of}"


@pytest.mark.parametrize("name", ["a b+c.csv", "é.csv", "a%2Fb.csv", "100%.csv", "x?y#z.csv"])
async def test_the_name_is_kept(gateway: MemoryGateway, name: str) -> None:
    answer = await put(gateway, f"vicell/{quote(name, safe='')}")
    assert answer.json()["key"].endswith(f"/{name}")


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("vicell/a%2Fb.csv", "NAME_HAS_SLASH"),
        ("vicell/%2E%2E", "NAME_IS_A_PATH"),
        ("vicell/a%0Ab.csv", "NAME_HAS_CONTROL_CHARACTERS"),
    ],
)
async def test_what_is_no_name_is_refused(gateway: MemoryGateway, path: str, refusal: str) -> None:
    answer = await put(gateway, path)
    assert (answer.status_code, code(answer)) == (400, refusal)
    assert gateway.stored == []


async def test_an_empty_file_is_taken_so_that_its_history_says_why(gateway: MemoryGateway) -> None:
    answer = await put(gateway, body=b"")
    assert (answer.status_code, answer.json()["size_bytes"]) == (201, 0)


async def test_a_large_file_waits_on_disk_and_is_whole(gateway: MemoryGateway) -> None:
    body = bytes(range(256)) * 40
    answer = await put(gateway, body=body, settings={"upload_memory_bytes": 1000})
    assert answer.json()["sha256"] == hashlib.sha256(body).hexdigest()
    assert gateway.stored[0][1] == body


@pytest.mark.parametrize(
    ("key", "path", "status", "refusal"),
    [
        (None, "vicell/a", 401, "UNAUTHENTICATED"),
        ("wrong", "vicell/a", 401, "UNAUTHENTICATED"),
        ("cyk_other", "vicell/a", 403, "OTHER_SOURCE"),
        ("cyk_operator", "nobody/a", 404, "UNKNOWN_SOURCE"),
    ],
)
async def test_only_the_source_s_own_key_and_an_operator_may(
    gateway: MemoryGateway, key: str | None, path: str, status: int, refusal: str
) -> None:
    answer = await put(gateway, path, key=key)
    assert (answer.status_code, code(answer)) == (status, refusal)
    assert gateway.stored == []


async def test_absent_keys_are_asked_for(gateway: MemoryGateway) -> None:
    answer = await put(gateway, key=None)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = await put(gateway, key=None, X_API_Key=KEY)
    assert answer.status_code == 201


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.mark.parametrize("body", [b"12345678901", chunks(b"123456", b"78901")])
async def test_a_file_that_is_too_large_is_refused_announced_or_not(
    gateway: MemoryGateway, body: Any
) -> None:
    answer = await put(gateway, body=body, settings={"upload_max_bytes": 10})
    assert (answer.status_code, code(answer)) == (413, "FILE_TOO_LARGE")
    assert gateway.stored == []


async def test_a_file_of_exactly_the_limit_is_taken(gateway: MemoryGateway) -> None:
    answer = await put(gateway, body=b"1234567890", settings={"upload_max_bytes": 10})
    assert answer.status_code == 201


async def test_fewer_bytes_than_announced_are_refused(gateway: MemoryGateway) -> None:
    answer = await put(gateway, body=chunks(b"123"), Content_Length="5")
    assert (answer.status_code, code(answer)) == (400, "TRUNCATED_UPLOAD")
    assert gateway.stored == []


def digest_of(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


async def test_a_digest_that_is_right_is_no_obstacle(gateway: MemoryGateway) -> None:
    assert (await put(gateway, Content_Digest=digest_of(BODY))).status_code == 201


@pytest.mark.parametrize(
    ("header", "refusal"),
    [(digest_of(b"other"), "DIGEST_MISMATCH"), ("sha-256=:x:", "DIGEST_MALFORMED")],
)
async def test_a_digest_that_is_wrong_stores_nothing(
    gateway: MemoryGateway, header: str, refusal: str
) -> None:
    answer = await put(gateway, Content_Digest=header)
    assert (answer.status_code, code(answer)) == (400, refusal)
    assert gateway.stored == []


async def test_if_none_match_stores_only_a_new_key(gateway: MemoryGateway) -> None:
    assert (await put(gateway, If_None_Match="*")).status_code == 201
    again = await put(gateway, If_None_Match="*")
    assert (again.status_code, code(again)) == (412, "KEY_EXISTS")
    other = await put(gateway, If_None_Match='"etag"')
    assert (other.status_code, code(other)) == (400, "UNSUPPORTED_CONDITION")
    assert len(gateway.stored) == 1


async def test_an_absent_store_is_said_so(gateway: MemoryGateway) -> None:
    gateway.is_away = True
    answer = await put(gateway)
    assert (answer.status_code, code(answer)) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"]


async def test_a_file_just_stored_has_a_history_before_it_is_registered(
    gateway: MemoryGateway,
) -> None:
    async with gateway.client(KEY) as client:
        stored = (await client.put("/v1/files/vicell/a.csv", content=BODY)).json()
        answer = await client.get(stored["links"]["history"])
    assert (answer.status_code, answer.json()["state"]) == (202, "received")
    assert answer.json()["key"] == stored["key"]
    assert UUID(answer.json()["object_id"]) == UUID(stored["object_id"])
