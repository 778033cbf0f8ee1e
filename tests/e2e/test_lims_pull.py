"""`cytolake lims connect` and `pull` on the whole stack: from a LIMS to the marts."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from tests.e2e.site import Site
from tests.e2e.test_commands import cytolake, told
from tests.support.fake_lims import PASSWORD, TOKEN, USER, Book, FakeLims, serving

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def lims() -> Iterator[FakeLims]:
    book = Book()
    book.fill("analysis", 12)
    book.fill("analysisrequest", 3)
    book.fill("batch", 1)
    book.fill("analysisservice", 2)
    with serving(book) as running:
        yield running


def connected(site: Site, *words: str, secret: str) -> str:
    """Connect a LIMS of a new name; return the name."""
    name = f"syn-{uuid4().hex[:8]}"
    done = cytolake(site, "lims", "connect", name, "--password-stdin", *words, given=f"{secret}\n")
    assert done.returncode == 0, done.stderr
    assert secret not in done.stdout + done.stderr
    return name


def states(site: Site, name: str) -> dict[str, str]:
    """Pull; return the end of each file by its stream."""
    pulled = told(site, "lims", "pull", name)["streams"]
    keys = {one["stream"]: one["key"] for one in pulled if one["outcome"] == "stored"}
    site.until_seen(
        lambda: {one.key for one in site.gateway.files(source=f"lims/{name}", limit=100)},
        lambda found: found >= set(keys.values()),
    )
    known = {one.key: one.object_id for one in site.gateway.files(source=f"lims/{name}", limit=100)}
    ends = site.until([known[key] for key in keys.values()])
    return {stream: ends[known[key]].state for stream, key in keys.items()}


@pytest.mark.timeout(600)
def test_what_senaite_knows_is_in_the_marts(site: Site, lims: FakeLims) -> None:
    words = ("--manifest", "senaite", "--url", lims.url, "--user", USER)
    name = connected(site, *words, secret=PASSWORD)
    assert states(site, name) == dict.fromkeys(
        ("analyses", "samples", "batches", "services"), "loaded"
    )
    with psycopg.connect(site.environment["CYTOLAKE_MARTS_DSN"]) as db:
        results = db.execute(
            "select count(*) from marts.mart_result where file_key like %s", [f"lims/{name}/%"]
        ).fetchone()
        services = db.execute(
            "select code, name from marts.mart_reference where file_key like %s order by code",
            [f"lims/{name}/%"],
        ).fetchall()
    assert results == (12,)
    assert services == [
        ("syn1", "SYNTHETIC analysisservice 1"),
        ("syn2", "SYNTHETIC analysisservice 2"),
    ]
    assert states(site, name) == {}


@pytest.mark.timeout(600)
def test_what_a_paged_lims_knows_is_read(site: Site, lims: FakeLims) -> None:
    lims.book.records["product"] = [
        {"id": 1, "product_code": "SYN-CART", "name": "SYNTHETIC CAR-T", "modality": "car_t",
         "modified": "2026-01-05T08:00:00+00:00"},
    ]  # fmt: skip
    words = ("--manifest", "paged", "--url", f"{lims.url}/api", "--stream", "product")
    name = connected(site, *words, secret=TOKEN)
    assert states(site, name) == {"product": "loaded"}
