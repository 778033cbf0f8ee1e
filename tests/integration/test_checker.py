"""The checker on a real lake and real marts: a rule broken on purpose is found and named."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import LiteralString

import psycopg
import pyarrow as pa
import pytest
from pydantic import SecretStr

from cytolake_contracts import LakeBuilt, SliceSet
from cytolake_contracts.dataset_examples import good_rows
from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.testing import lake_built
from cytolake_runtime import ObjectMissingError, Retryable
from cytolake_runtime.store import ObjectStore
from cytolake_validator.checker.adapters import BucketShelf, LateJudge
from cytolake_validator.checker.handlers import Checking
from cytolake_validator.checker.library import Library
from cytolake_validator.checker.pace import Pace
from cytolake_validator.checker.settings import CheckerSettings
from cytolake_validator.checker.tables import DuckTables
from cytolake_validator.pages.document import Result, Verdict, read_result
from tests.support.marts import BUILDS, MART, Site, marts_site, new_id
from tests.support.stack import Servers

pytestmark = pytest.mark.integration
CURATED = load_contracts()["fct_measurement"]
GRANTS: tuple[LiteralString, ...] = (
    "GRANT USAGE ON SCHEMA ducklake, marts TO checker",
    "GRANT SELECT ON ALL TABLES IN SCHEMA ducklake, marts TO checker",
)
RAISED_BY_GREAT_EXPECTATIONS = pytest.mark.filterwarnings(
    "ignore:module 'sre_(constants|parse)' is deprecated:DeprecationWarning"
)


@pytest.fixture(scope="module")
def site(servers: Servers) -> Iterator[Site]:
    with marts_site(servers) as made:
        made.lake.duck.execute("CREATE SCHEMA lake.curated")
        made.lake.duck.register("arriving", CURATED.arrow_schema().empty_table())
        made.lake.duck.execute("CREATE TABLE lake.curated.fct_measurement AS FROM arriving")
        with psycopg.connect(servers.stack.blueprint.dsn("postgres", database=made.database)) as db:
            for statement in GRANTS:
                db.execute(statement)
        yield made


class Looking:
    """A checker with the rights that it has in the stack, on this site."""

    def __init__(self, site: Site) -> None:
        found = site.servers.settings("checker", CheckerSettings)
        settings = found.model_copy(update={"postgres_dsn": SecretStr(site.dsn("checker"))})
        contracts = {c.name: c for c in (MART, CURATED)}
        self.store = ObjectStore(settings)
        self.shelf = BucketShelf(
            self.store, evidence=settings.evidence_bucket, docs=settings.docs_bucket
        )
        self.tables = DuckTables(settings)
        self.checking = Checking(
            shelf=self.shelf,
            library=Library(self.shelf),
            tables=self.tables,
            judging=LateJudge(contracts),
            contracts=contracts,
            pace=Pace(shortest=0, longest=0, share=1),
        )

    async def result(self, stage: str, dataset: str, event: LakeBuilt) -> Result:
        name = f"{event.data.build_no}-{event.id.hex[:8]}.json"
        return read_result(await self.shelf.read(f"validation/{stage}/{dataset}/{name}"))

    async def page(self, result: Result) -> str:
        return (await self.shelf.read(result.page_key)).decode()


@pytest.fixture
async def looking(site: Site) -> AsyncIterator[Looking]:
    made = Looking(site)
    yield made
    await made.tables.close()
    made.store.close()


def build_of(site: Site, of: str, **broken: object) -> LakeBuilt:
    """Make an object's rows in the lake: three of the mart, three curated, one of them broken."""
    rows, curated = good_rows(MART, 3), good_rows(CURATED, 3)
    for number, (one, other) in enumerate(zip(rows, curated, strict=True)):
        key = hashlib.sha256(f"{of} {number}".encode()).hexdigest()
        one |= {"object_id": of, "measurement_key": key}
        other |= {"object_id": of, "measurement_key": key}
    site.lake.rebuild([of], rows)
    curated[1].update(broken)
    arriving = pa.Table.from_pylist(curated, schema=CURATED.arrow_schema())
    site.lake.duck.register("arriving", arriving)
    site.lake.duck.execute("INSERT INTO lake.curated.fct_measurement BY NAME FROM arriving")
    (found,) = site.lake.duck.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchall()
    slices = SliceSet(key="object_id", ids=(of,))
    return _of(lake_built(next(BUILDS), found[0], {MART.name: slices}), of)


def _of(event: LakeBuilt, of: str) -> LakeBuilt:
    (member, *_) = event.data.objects
    objects = (member.model_copy(update={"object_id": of}),)
    return event.model_copy(update={"data": event.data.model_copy(update={"objects": objects})})


async def load(site: Site, event: LakeBuilt) -> None:
    async with site.loader() as (loader, _):
        await loader.on_lake_built(event)


@RAISED_BY_GREAT_EXPECTATIONS
async def test_a_curated_rule_broken_on_purpose_is_found_and_named(
    site: Site, looking: Looking, caplog: pytest.LogCaptureFixture
) -> None:
    of = new_id()
    event = build_of(site, of, quantity="viability", value_num=143.0)
    await load(site, event)
    with caplog.at_level(logging.ERROR):
        await looking.checking.on_lake_built(event)
    result = await looking.result("curated", CURATED.name, event)
    assert result.verdict is Verdict.BROKEN
    (rule,) = result.broken
    assert rule.rule == "viability_is_a_percentage"
    assert rule.shown is not None
    assert 143.0 in rule.shown.rows[0]
    assert "viability must be between" in caplog.text
    page = await looking.page(result)
    assert "143.0" in page
    assert "breaks its contract" in page


@RAISED_BY_GREAT_EXPECTATIONS
async def test_a_mart_row_changed_behind_our_back_is_found(site: Site, looking: Looking) -> None:
    of, other = new_id(), new_id()
    event, untouched = build_of(site, of), build_of(site, other)
    await load(site, event)
    await load(site, untouched)
    changed = "UPDATE marts.mart_measurement SET kind = 'guessed' WHERE object_id = %s RETURNING 1"
    assert len(site.ask(changed, of)) == 3
    await looking.checking.on_lake_built(event)
    await looking.checking.on_lake_built(untouched)
    result = await looking.result("mart", MART.name, event)
    assert [(rule.rule, rule.failing_rows) for rule in result.broken] == [("kind_in_set", 3)]
    kept = await looking.result("mart", MART.name, untouched)
    assert (kept.verdict, kept.rows) == (Verdict.KEPT, 3)


async def test_a_build_that_the_marts_do_not_show_is_for_later(
    site: Site, looking: Looking
) -> None:
    event = build_of(site, new_id())
    with pytest.raises(Retryable, match="do not show build"):
        await looking.checking.on_lake_built(event)


async def test_rows_that_are_too_many_are_cut_and_that_is_said(
    site: Site, looking: Looking
) -> None:
    event = build_of(site, new_id())
    await load(site, event)
    settings = looking.tables._settings.model_copy(update={"checker_max_rows": 2})
    looking.checking.tables = DuckTables(settings)
    await looking.checking.on_lake_built(event)
    result = await looking.result("curated", CURATED.name, event)
    assert (result.rows, result.limit) == (2, 2)
    assert "were not looked at" in await looking.page(result)


async def test_the_store_lets_it_keep_results_of_builds_and_no_others(looking: Looking) -> None:
    with pytest.raises(PermissionError):
        await looking.shelf.keep("validation/some-object/1.json", b"{}")


async def test_a_table_that_is_not_made_yet_has_nothing_to_look_at(
    site: Site, looking: Looking
) -> None:
    event = build_of(site, new_id())
    await load(site, event)
    looking.checking.contracts = {
        MART.name: replace(MART, name="no_mart"),
        "no_fact": replace(CURATED, name="no_fact"),
    }
    await looking.checking.on_lake_built(event)
    with pytest.raises(ObjectMissingError):
        await looking.result("mart", "no_mart", event)
