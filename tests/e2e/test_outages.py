"""What goes away for half a minute in the middle, and what is lost with it: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from cytolake.binaries import minio
from cytolake.client import GatewayError
from cytolake.synthetic import count_files
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SEED, FILES, OUTAGE_SECONDS = 10, 12, 30.0


def drop(site: Site, number: int = FILES) -> list[str]:
    """Drop distinct files; return their ids."""
    return [site.put_s3(file) for file in count_files(number, seed=SEED, first_batch=fresh_batch())]


def require_loaded_once(site: Site, ids: list[str]) -> None:
    """Fail unless all files are loaded and every count has the same number of rows."""
    assert {told.state for told in site.until(ids, "loaded", "failed").values()} == {"loaded"}
    listed, *counts = ids
    rows = site.row_counts(counts)
    assert len(set(rows.values())) == 1, rows
    assert min(rows.values()) > 0
    assert site.rows(listed) == 0


def endure(site: Site, server: str) -> None:
    """Take the server away in the middle of files; fail unless all end well, and later ones."""
    ids = drop(site)
    with site.without(server, seconds=OUTAGE_SECONDS):
        if server == "postgres":
            with pytest.raises(GatewayError, match="HTTP 503"):
                site.gateway.files()
    require_loaded_once(site, ids)
    require_loaded_once(site, drop(site, 3))


@pytest.fixture(scope="module")
def outages(request: pytest.FixtureRequest, site: Site) -> Iterator[dict[str, Future[None]]]:
    """Every outage's end. Those of one stack come one by one, those of two side by side."""
    with ThreadPoolExecutor(1) as one_by_one, ThreadPoolExecutor(1) as beside:
        ends = {name: one_by_one.submit(endure, site, name) for name in ("nats", "postgres")}
        if minio():
            ends["store"] = beside.submit(endure, request.getfixturevalue("minio_site"), "store")
        else:
            ends["store"] = one_by_one.submit(endure, site, "store")
        yield ends


@pytest.mark.parametrize("server", ["nats", "postgres", "store"])
def test_a_server_gone_for_half_a_minute_loses_no_file(
    outages: dict[str, Future[None]], server: str
) -> None:
    outages[server].result()


def test_a_wiped_broker_loses_no_file(site: Site) -> None:
    ids = drop(site)
    site.stack.wipe_broker()
    require_loaded_once(site, ids)
    require_loaded_once(site, drop(site, 3))


def test_files_dropped_while_notifications_are_off_are_found(site: Site) -> None:
    with site.without("bridge"):
        require_loaded_once(site, drop(site, 3))
