"""From a file's history to the page of its result, as a person with a browser goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from cytolake.cli import app
from cytolake.provision.buckets import admin_client
from cytolake.synthetic import count_files, grow, implausible_count_file
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
SEED = 21
PATIENCE_SECONDS = 400.0
"""The checker stands behind every other process, and tests beside this one leave it little."""


LOADS = (
    r"<script[^>]+src=",
    r"<link[^>]+href=[\"']?(?:https?:)?//",
    r"<iframe",
    r"<img[^>]+src=[\"']?(?:https?:)?//",
    r"url\([\"']?(?:https?:)?//",
    r"@import",
)
"""What would make a browser ask another host while it shows a page."""


@pytest.fixture
def browser(site: Site) -> Iterator[httpx.Client]:
    """Sign in as a browser does: any name, and the API key as the password."""
    environment = site.environment
    with httpx.Client(
        base_url=environment["CYTOLAKE_GATEWAY_URL"],
        auth=("anybody", environment["CYTOLAKE_API_KEY"]),
        headers={"Accept": "text/html"},
        follow_redirects=True,
    ) as client:
        yield client


def warned_list(batch: str) -> bytes:
    """Return a sample list that says of a sample that it was taken before the culture began."""
    head = "sample_id,batch_id,step,collected_at,culture_day,volume_ml"
    return f"{head}\n{batch}-S1,{batch},expand,2026-11-20T08:00:00+00:00,-1,50\n".encode()


def page_of(site: Site, object_id: str) -> str:
    events = site.gateway.history(object_id)["runs"][-1]["events"]
    (page,) = [event["page"] for event in events if event["page"]]
    return str(page)


def seen(site: Site, browser: httpx.Client, path: str, *words: str) -> str:
    """Wait until the page is there and says these words."""

    def is_right(answer: httpx.Response) -> bool:
        return answer.status_code == httpx.codes.OK and all(w in answer.text for w in words)

    look: Any = lambda: browser.get(path)  # noqa: E731 - one look
    found: httpx.Response = site.until_seen(look, is_right, seconds=PATIENCE_SECONDS)
    return found.text


def test_a_warned_and_a_held_files_histories_lead_to_their_pages(
    site: Site, browser: httpx.Client
) -> None:
    number = fresh_batch()
    held = site.put_s3(implausible_count_file(grow(SEED, number=number).points[0]))
    warned = site.put_key(f"syn-samples/warned-{number}.csv", warned_list(f"SYN-W{number}"))
    ends = site.until([held, warned])
    assert (ends[held].state, ends[warned].state) == ("quarantined", "loaded")
    page = seen(site, browser, page_of(site, held), "held back")
    assert "a viability must be between 0 and 100 percent" in page.lower()
    assert f"/v1/files/{held}" in page
    page = seen(site, browser, page_of(site, warned), "passed with warnings")
    assert "culture_day_is_not_negative" in page
    day = page_of(site, warned).rsplit("/", 1)[0]
    listed = seen(site, browser, f"{day}/index.html", f"warned-{number}.csv")
    assert "syn-samples" in listed


def test_the_tables_that_a_file_changed_are_checked_too(site: Site, browser: httpx.Client) -> None:
    files = count_files(1, seed=SEED, first_batch=fresh_batch())
    ends = site.until([site.put_s3(file) for file in files])
    assert {told.state for told in ends.values()} == {"loaded"}
    for path in ("curated/dim_sample", "mart/mart_cell_growth"):
        seen(site, browser, f"/docs/data/{path}/index.html", "-")
    seen(site, browser, "/docs/data/", "dim_sample", "mart_cell_growth")


@pytest.mark.slow
def test_all_pages_can_be_made_anew_and_dbt_tests_the_lake(
    site: Site, browser: httpx.Client
) -> None:
    number = fresh_batch()
    held = site.put_s3(implausible_count_file(grow(SEED, number=number).points[0]))
    assert site.end(held).state == "quarantined"
    page = page_of(site, held)
    seen(site, browser, page, "held back")
    key = f"data-docs/{page.removeprefix('/docs/data/')}"
    admin_client(site.stack.blueprint).delete_object(Bucket="docs", Key=key)
    assert browser.get(page).status_code == httpx.codes.NOT_FOUND
    runner, home = CliRunner(), str(site.stack.home.root)
    built = runner.invoke(app, ["docs", "build", "--home", home])
    assert built.exit_code == 0, built.output
    assert "held back" in browser.get(page).text
    checked = runner.invoke(app, ["check", "--home", home])
    assert "data tests passed" in checked.stdout, checked.output
    assert "compared with a build from scratch at" in checked.stdout


@pytest.mark.slow
def test_dbt_documents_the_lake_and_the_figures(site: Site, browser: httpx.Client) -> None:
    assert browser.get("/docs/dbt/lake").status_code in {httpx.codes.NOT_FOUND, httpx.codes.OK}
    made = CliRunner().invoke(app, ["docs", "dbt", "--print", "--home", str(site.stack.home.root)])
    assert made.exit_code == 0, made.output
    assert made.stdout.strip().endswith("/docs/dbt/lake")
    lake, marts = browser.get("/docs/dbt"), browser.get("/docs/dbt/marts")
    assert "model.cytolake.fct_result" in lake.text
    assert "one row per batch and version of what is said of it" in lake.text
    for page in (lake, marts):
        assert [pattern for pattern in LOADS if re.search(pattern, page.text)] == []
    assert "model.cytolake.kpi_control_chart" in marts.text
    assert "default-src 'none'" in lake.headers["content-security-policy"]


def test_pages_need_a_key(site: Site) -> None:
    url = site.environment["CYTOLAKE_GATEWAY_URL"]
    answer = httpx.get(f"{url}/docs/data/index.html", headers={"Accept": "text/html"})
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert "Basic" in answer.headers["www-authenticate"]
