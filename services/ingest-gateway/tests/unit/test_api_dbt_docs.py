"""`GET /docs/dbt/…`: dbt's documentation, for people, without a way to load anything."""

from __future__ import annotations

import httpx
import pytest

from cytolake_ingest_gateway.api.testing import OPERATOR_KEY, MemoryGateway

PAGE = b"<html><script>dbt()</script></html>"


@pytest.fixture
def gateway() -> MemoryGateway:
    made = MemoryGateway()
    made.add_source("vicell", "cyk_vicell")
    made.stored.append(("docs/data-docs/dbt/lake.html", PAGE, ""))
    return made


async def ask(
    gateway: MemoryGateway, path: str, *, key: str | None = OPERATOR_KEY
) -> httpx.Response:
    async with gateway.client(key) as client:
        return await client.get(path)


async def test_the_page_comes_as_it_was_put_and_loads_nothing(gateway: MemoryGateway) -> None:
    answer = await ask(gateway, "/docs/dbt/lake")
    assert (answer.status_code, answer.content) == (200, PAGE)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "connect-src" not in policy


async def test_it_begins_at_the_lake(gateway: MemoryGateway) -> None:
    answer = await ask(gateway, "/docs/dbt")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs/dbt/lake")


@pytest.mark.parametrize(
    ("key", "path", "status"),
    [
        (None, "/docs/dbt/lake", 401),
        ("cyk_vicell", "/docs/dbt/lake", 403),
        (OPERATOR_KEY, "/docs/dbt/marts", 404),
        (OPERATOR_KEY, "/docs/dbt/other", 422),
    ],
)
async def test_it_is_for_people(
    gateway: MemoryGateway, key: str | None, path: str, status: int
) -> None:
    assert (await ask(gateway, path, key=key)).status_code == status
