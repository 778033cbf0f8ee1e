"""`GET /docs/data/…`: who may read which page, and how a history leads there."""

from __future__ import annotations

import base64
from uuid import UUID

import httpx
import pytest

from cytolake_contracts import FileQuarantined, FileRejected
from cytolake_contracts.examples import valid_examples
from cytolake_ingest_gateway.api.histories import FileHistory, Links
from cytolake_ingest_gateway.api.links import page_of_result
from cytolake_ingest_gateway.api.testing import NOW, OPERATOR_KEY, MemoryGateway
from cytolake_ingest_gateway.lifecycle import State

MINE = UUID(int=1)
PAGE = f"raw/measurement/2026-11-23/{MINE}.1.html"
INDEX = "raw/measurement/2026-11-23/index.html"


@pytest.fixture
def gateway() -> MemoryGateway:
    made = MemoryGateway()
    made.add_source("vicell", "cyk_vicell")
    made.add_source("other", "cyk_other")
    made.histories[MINE] = FileHistory(
        object_id=MINE,
        key="vicell/1.csv",
        source="vicell",
        state=State.LOADED,
        received_at=NOW,
        bucket="inbound",
        version_id="v",
        etag="e",
        size_bytes=1,
        content_type=None,
        content_sha256="0" * 64,
        last_modified=NOW,
        object_seq=1,
        duplicate_of=None,
        state_since=NOW,
        warnings=[],
        runs=[],
        links=Links(self=f"/v1/files/{MINE}"),
    )
    for path in (PAGE, INDEX, "index.html", "style.css", f"raw/measurement/{UUID(int=2)}.1.html"):
        made.stored.append((f"docs/data-docs/{path}", path.encode(), ""))
    return made


async def ask(
    gateway: MemoryGateway, path: str, *, key: str | None = OPERATOR_KEY, **headers: str
) -> httpx.Response:
    async with gateway.client(key) as client:
        return await client.get(f"/docs/data/{path}", headers=headers)


async def test_a_page_comes_as_it_was_put_and_may_do_nothing(gateway: MemoryGateway) -> None:
    answer = await ask(gateway, PAGE)
    assert (answer.status_code, answer.content) == (200, PAGE.encode())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    style = await ask(gateway, "style.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    ("key", "path", "status"),
    [
        (None, PAGE, 401),
        ("cyk_wrong", PAGE, 401),
        ("cyk_vicell", PAGE, 200),
        ("cyk_other", PAGE, 403),
        ("cyk_vicell", INDEX, 403),
        ("cyk_vicell", "index.html", 403),
        (None, "style.css", 200),
        (OPERATOR_KEY, INDEX, 200),
    ],
)
async def test_a_source_sees_the_pages_of_its_own_files(
    gateway: MemoryGateway, key: str | None, path: str, status: int
) -> None:
    assert (await ask(gateway, path, key=key)).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        f"raw/measurement/2026-11-22/{MINE}.1.html",
        f"raw/measurement/2026-11-23/{UUID(int=9)}.1.html",
        "raw/measurement/2026-11-23/------------------------------------.1.html",
        "..%2Fvalidation/x.json",
        "raw/../../validation/x.html",
        "nothing",
    ],
)
async def test_what_is_not_there_is_said_to_be_not_there(gateway: MemoryGateway, path: str) -> None:
    answer = await ask(gateway, path)
    assert answer.status_code == 404


async def test_a_browser_asks_its_user_for_the_key(gateway: MemoryGateway) -> None:
    refused = await ask(gateway, PAGE, key=None, accept="text/html,*/*")
    assert "Basic" in refused.headers["www-authenticate"]
    typed = base64.b64encode(f"anybody:{OPERATOR_KEY}".encode()).decode()
    answer = await ask(gateway, PAGE, key=None, authorization=f"Basic {typed}")
    assert answer.status_code == 200
    assert "Basic" not in (await ask(gateway, PAGE, key=None)).headers["www-authenticate"]


@pytest.mark.parametrize("told", ["", "!", base64.b64encode(b"\xff").decode(), "Og=="])
async def test_an_odd_password_is_no_key(gateway: MemoryGateway, told: str) -> None:
    answer = await ask(gateway, PAGE, key=None, authorization=f"Basic {told}")
    assert answer.status_code == 401


async def test_a_typed_key_changes_nothing(gateway: MemoryGateway) -> None:
    typed = base64.b64encode(f"anybody:{OPERATOR_KEY}".encode()).decode()
    async with gateway.client(None) as client:
        answer = await client.put(
            "/v1/files/vicell/x.csv", content=b"x", headers={"Authorization": f"Basic {typed}"}
        )
    assert answer.status_code == 401


def test_a_quarantine_leads_to_its_page() -> None:
    examples = valid_examples(FileQuarantined.type_name())
    event = FileQuarantined.from_bytes(examples["viability-over-100.json"])
    page = page_of_result(event.data.model_dump(mode="json", exclude_none=True))
    day = f"{event.data.file.received_at:%Y-%m-%d}"
    assert page == f"/docs/data/raw/measurement/{day}/{event.object_id}.{event.run_no}.html"


def test_what_has_no_result_has_no_page() -> None:
    (body, *_) = valid_examples(FileRejected.type_name()).values()
    data = FileRejected.from_bytes(body).data
    assert page_of_result(data.model_dump(mode="json", exclude_none=True)) is None
    examples = valid_examples(FileQuarantined.type_name())
    unread = FileQuarantined.from_bytes(examples["another-vendor.json"]).data
    assert page_of_result(unread.model_dump(mode="json", exclude_none=True)) is None
