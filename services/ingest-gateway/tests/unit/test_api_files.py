"""`GET /v1/files` and `/v1/files/{id}`, health and figures."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from cytolake_ingest_gateway.api.histories import FileHistory, FileLine, Links
from cytolake_ingest_gateway.api.testing import NOW, MemoryGateway
from cytolake_ingest_gateway.lifecycle import State


def line(number: int, *, source: str = "vicell", state: State = State.LOADED) -> FileLine:
    return FileLine(
        object_id=UUID(int=number),
        key=f"{source}/{number}.csv",
        source=source,
        state=state,
        received_at=NOW + timedelta(seconds=number // 2),
    )


def history(of: FileLine) -> FileHistory:
    return FileHistory(
        **of.model_dump(),
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
        links=Links(self=f"/v1/files/{of.object_id}"),
    )


@pytest.fixture
def gateway() -> MemoryGateway:
    made = MemoryGateway()
    made.add_source("vicell", "cyk_vicell")
    made.add_source("other", "cyk_other")
    made.lines = [line(n) for n in range(1, 6)] + [line(6, source="other", state=State.REJECTED)]
    made.histories = {one.object_id: history(one) for one in made.lines}
    return made


async def ask(gateway: MemoryGateway, path: str, *, key: str = "cyk_operator") -> httpx.Response:
    async with gateway.client(key) as client:
        return await client.get(path)


def numbers(answer: httpx.Response) -> list[int]:
    return [UUID(one["object_id"]).int for one in answer.json()["files"]]


async def test_files_come_newest_first(gateway: MemoryGateway) -> None:
    answer = await ask(gateway, "/v1/files")
    assert numbers(answer) == [6, 5, 4, 3, 2, 1]
    assert answer.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("source=other", [6]),
        ("state=rejected", [6]),
        ("key=vicell/3.csv", [3]),
        ("key=vicell/3.csv&state=rejected", []),
    ],
)
async def test_files_are_filtered(gateway: MemoryGateway, query: str, found: list[int]) -> None:
    assert numbers(await ask(gateway, f"/v1/files?{query}")) == found


async def test_pages_follow_each_other_without_gap_or_repetition(gateway: MemoryGateway) -> None:
    seen: list[int] = []
    cursor = ""
    while True:
        page = await ask(gateway, f"/v1/files?limit=2{cursor}")
        seen += numbers(page)
        if page.json()["next_cursor"] is None:
            break
        cursor = f"&cursor={page.json()['next_cursor']}"
    assert seen == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "e30", "W10"])
async def test_a_cursor_that_is_none_is_refused(gateway: MemoryGateway, cursor: str) -> None:
    answer = await ask(gateway, f"/v1/files?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_CURSOR")


@pytest.mark.parametrize("query", ["state=lost", "limit=0", "limit=501"])
async def test_an_impossible_filter_is_refused(gateway: MemoryGateway, query: str) -> None:
    answer = await ask(gateway, f"/v1/files?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


async def test_a_source_sees_its_own_files_only(gateway: MemoryGateway) -> None:
    assert numbers(await ask(gateway, "/v1/files", key="cyk_other")) == [6]
    answer = await ask(gateway, "/v1/files?source=vicell", key="cyk_other")
    assert (answer.status_code, answer.json()["code"]) == (403, "OTHER_SOURCE")
    answer = await ask(gateway, f"/v1/files/{UUID(int=1)}", key="cyk_other")
    assert answer.status_code == 403


async def test_a_history_is_told_to_who_may_see_it(gateway: MemoryGateway) -> None:
    answer = await ask(gateway, f"/v1/files/{UUID(int=6)}", key="cyk_other")
    assert answer.status_code == 200
    assert answer.json()["links"]["self"] == f"/v1/files/{UUID(int=6)}"


async def test_an_unknown_file_is_told_to_be_asked_for_again(gateway: MemoryGateway) -> None:
    answer = await ask(gateway, f"/v1/files/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_FILE")
    assert answer.headers["retry-after"] == "1"
    assert (await ask(gateway, "/v1/files/no-uuid")).status_code == 422


@pytest.mark.parametrize("path", ["/v1/files", f"/v1/files/{UUID(int=1)}", "/v1/sources"])
async def test_nothing_is_told_without_a_key(gateway: MemoryGateway, path: str) -> None:
    assert (await ask(gateway, path, key="wrong")).status_code == 401


async def test_other_paths_and_methods_are_problems_too(gateway: MemoryGateway) -> None:
    answer = await ask(gateway, "/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    answer = await ask(gateway, "/v1/files/vicell/a.csv")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


async def test_health_and_readiness(gateway: MemoryGateway) -> None:
    assert (await ask(gateway, "/healthz")).json() == {"status": "ok"}
    assert (await ask(gateway, "/readyz")).status_code == 200
    gateway.is_away = True
    assert (await ask(gateway, "/healthz")).status_code == 200
    answer = await ask(gateway, "/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "store: no answer")


async def test_figures_count_by_route_and_name_open_runs(gateway: MemoryGateway) -> None:
    async with gateway.client() as client:
        await client.get(f"/v1/files/{UUID(int=1)}")
        await client.get("/nothing")
        text = (await client.get("/metrics")).text
        gateway.is_away = True
        without = await client.get("/metrics")
    counted = (
        'cytolake_http_requests_total{method="GET",route="/v1/files/{object_id}",status="200"}'
    )
    assert f"{counted} 1.0" in text
    assert 'route="unmatched",status="404"} 1.0' in text
    assert 'cytolake_open_runs{state="landed"} 3.0' in text
    assert without.status_code == 200


async def test_the_openapi_document_describes_every_operation(gateway: MemoryGateway) -> None:
    document = (await ask(gateway, "/openapi.json")).json()
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(operations) > 15
    for path, method, operation in operations:
        assert operation.get("description"), (method, path)
        for status, answer in operation["responses"].items():
            if status.startswith("4") or status == "503":
                assert set(answer["content"]) == {"application/problem+json"}, (path, status)
    assert "Problem" in document["components"]["schemas"]
    assert {"HTTPBearer", "APIKeyHeader"} <= set(document["components"]["securitySchemes"])
