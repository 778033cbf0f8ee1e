"""Pull a fake LIMS by Airbyte's own connector into a real bucket: what lands, and what does not."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from cytolake.errors import StackError
from cytolake.pulls.connecting import CONFIG, connect
from cytolake.pulls.connection import Connection
from cytolake.pulls.manifests import read_manifest
from cytolake.pulls.outbox import remembered
from tests.integration.lims_site import LimsSite, config, hurried
from tests.support.fake_lims import TOKEN, Fault, Spell
from tests.support.fake_lims.book import BEGINNING

pytestmark = [pytest.mark.integration, pytest.mark.slow]
NUMBERS = count(1)
COMMAND = [sys.executable, "-c", "from cytolake.cli import app; app()"]
LATER = BEGINNING + timedelta(days=40)


@pytest.fixture
def site(lims_site: LimsSite) -> LimsSite:
    return lims_site


def test_the_second_pull_reads_and_lands_only_what_changed(site: LimsSite) -> None:
    first = {one.stream: one for one in site.pull()}
    assert {name: (one.outcome, one.rows) for name, one in first.items()} == {
        "analyses": ("stored", 1000),
        "samples": ("stored", 30),
        "batches": ("stored", 3),
        "services": ("stored", 5),
    }
    key = str(first["analyses"].key)
    day = datetime.now(UTC).strftime("%Y/%m/%d")
    assert key.startswith(f"lims/{site.connection.name}/analyses/{day}/")
    about = site.head(key)
    assert {name: about[name] for name in ("origin", "lims", "stream", "rows")} == {
        "origin": "airbyte",
        "lims": site.connection.name,
        "stream": "analyses",
        "rows": "1000",
    }

    assert "SYNTHETIC Nobody" not in str(site.rows("samples"))  # nor any other person
    assert "SYNTHETIC-MRN" not in str(site.rows("samples"))

    assert {one.outcome for one in site.pull()} == {"unchanged"}
    assert site.book.asked["analysis"] == 1  # one page, and no count

    site.book.change("analysis", 7, at=LATER, Result="17")
    site.book.fill("analysisservice", 1, first=6)
    third = {one.stream: (one.outcome, one.rows) for one in site.pull()}
    assert third["analyses"] == ("stored", 1)
    assert third["services"] == ("stored", 6)  # has no cursor: whole, when any of it changed
    assert third["samples"] == ("unchanged", 0)
    whole = f"lims/{site.connection.name}/services/all.parquet"
    assert [key for key, _ in site.versions("services")] == [whole, whole]  # the newer is current
    rows = [row for row in site.rows("analyses") if row["id"] == "AN-00007"]
    assert [row["Result"] for row in rows] == ["<0.5", "17"]


def test_full_reads_everything_again(site: LimsSite) -> None:
    site.pull("batches")
    (again,) = site.pull("batches", is_full=True)
    assert (again.outcome, again.rows) == ("stored", 3)


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (Fault.UNAUTHORIZED, "LIMS_REFUSED", "refuses this user"),
        (Fault.BUSY, "LIMS_BUSY", "come back later"),
        (Fault.BROKEN, "LIMS_FAULT", "an error of its own"),
        (Fault.TRUNCATED, "LIMS_NOT_JSON", "no list of records"),
        (Fault.LOGIN_PAGE, "LIMS_NOT_JSON", "no list of records"),
        (Fault.SILENT, "LIMS_SILENT", "did not answer in time"),
    ],
)
def test_a_bad_answer_in_the_middle_lands_nothing_and_is_told_in_words(
    site: LimsSite, fault: Fault, code: str, words: str
) -> None:
    site.change_manifest(hurried)
    site.book.faults = [Spell(fault, first=4)]
    (told,) = site.pull("analyses")
    assert (told.outcome, told.code) == ("failed", code)
    assert words in str(told.message)
    assert told.rows == 0
    assert site.versions("analyses") == []
    assert remembered(site.connection) == {}


def test_bad_spells_pass_and_nothing_is_lost(site: LimsSite) -> None:
    site.change_manifest(hurried)
    site.book.faults = [
        Spell(Fault.BUSY, 2, 3),
        Spell(Fault.BROKEN, 5, 6),
        Spell(Fault.TRUNCATED, 8, 8),
    ]
    (told,) = site.pull("analyses")
    assert (told.outcome, told.rows) == ("stored", 1000)


def test_a_lims_that_is_not_there(site: LimsSite) -> None:
    site.change_manifest(hurried)
    site.connection.write(CONFIG, config(site.lims) | {"base_url": "http://127.0.0.1:9"})
    told = site.pull()
    assert {(one.outcome, one.code) for one in told} == {("failed", "LIMS_UNREACHABLE")}
    with pytest.raises(StackError, match="LIMS_UNREACHABLE: the LIMS cannot be reached"):
        connect(
            site.connection,
            read_manifest("senaite"),
            config(site.lims) | {"base_url": "http://127.0.0.1:9"},
        )


def test_one_stream_that_fails_keeps_no_other_back(site: LimsSite) -> None:
    site.change_manifest(lambda text: hurried(text).replace("path: batch\n", "path: no/such\n"))
    told = {one.stream: (one.outcome, one.code) for one in site.pull()}
    assert told["batches"] == ("failed", "LIMS_NOT_THERE")
    assert {told[name] for name in ("analyses", "samples", "services")} == {("stored", None)}


def test_fewer_records_than_the_lims_counts_are_not_taken_for_all(site: LimsSite) -> None:
    site.book.unseen = 2
    (told,) = site.pull("services")
    assert (told.outcome, told.code) == ("failed", "LIMS_SHORT")
    assert "counts 7, only 5 came" in str(told.message)
    assert site.versions("services") == []


def test_smaller_pages_than_asked_for_are_read_to_the_end(site: LimsSite) -> None:
    site.book.largest_page = 70
    (told,) = site.pull("analyses")
    assert told.rows == 1000


def test_records_that_change_while_pages_are_read_are_not_lost(site: LimsSite) -> None:
    numbers = count(200)

    def change(resource: str, start: int) -> None:
        if resource == "analysis" and start:
            number = next(numbers)
            site.book.change("analysis", number, at=LATER + timedelta(seconds=number), Result="9")

    site.book.on_page = change
    (told,) = site.pull("analyses")
    site.book.on_page = None
    ids = [row["id"] for row in site.rows("analyses")]
    assert told.outcome == "stored"
    assert len(set(ids)) == 1000
    (again,) = site.pull("analyses")
    changed = {row["id"] for row in site.rows("analyses") if row["Result"] == "9"}
    assert changed == {f"AN-{number:05}" for number in range(200, next(numbers))}
    assert again.rows <= 5


def test_wrong_types_come_through_as_text(site: LimsSite) -> None:
    odd: list[Any] = [12.5, True, None, ["a", 1], {"b": None}, "x" * 100_000, 10**30, "é\x00"]
    for number, value in enumerate(odd, 1):
        site.book.change("analysis", number, at=LATER, Result=value)
    (told,) = site.pull("analyses")
    assert told.rows == 1000
    found = {row["id"]: row["Result"] for row in site.rows("analyses")}
    assert [found[f"AN-{n:05}"] for n in range(1, 6)] == [
        "12.5",
        "true",
        None,
        '["a", 1]',
        None,
    ]
    assert "Result.b" in site.rows("analyses")[0]
    assert found["AN-00006"] == "x" * 100_000
    assert found["AN-00008"] == "é\x00"


def test_an_unknown_stream_is_told_with_those_there_are(site: LimsSite) -> None:
    with pytest.raises(StackError, match="no stream 'result': there are analyses, samples"):
        site.pull("result")


def test_a_paged_lims_is_pulled_by_its_manifest(site: LimsSite) -> None:
    site.book.fill("result", 450)
    site.book.largest_page = 100
    connection = Connection.named(site.servers.stack.home, "paged")
    given = {"base_url": f"{site.lims.url}/api", "token": TOKEN}
    assert connect(connection, read_manifest("paged"), given, only=["result"]) == ["result"]
    paged = LimsSite(site.servers, site.lims, connection)
    (told,) = paged.pull()
    assert (told.outcome, told.rows) == ("stored", 450)
    site.book.change("result", 3, at=LATER, title="corrected")
    (again,) = paged.pull()
    assert (again.outcome, again.rows) == ("stored", 1)
    with pytest.raises(StackError, match="LIMS_REFUSED"):
        connect(connection, read_manifest("paged"), given | {"token": "wrong"}, only=["result"])
    assert paged.pull()[0].outcome == "unchanged"  # a refused change leaves all as it was
