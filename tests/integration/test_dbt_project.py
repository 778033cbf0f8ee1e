"""The dbt project: complete, tested by its own tests, and built alike by both ways to run it."""

from __future__ import annotations

import os
from typing import Any

import pytest

from cytolake_transformer.dbt_run import NOTES
from cytolake_transformer.models import BUILDS, FAST, QUIET, BuildError
from cytolake_transformer.touched import Known, touched_by
from tests.support.lake import CONTRACTS, SmallLake


@pytest.mark.integration
def test_every_model_is_described_and_tested(lake: SmallLake) -> None:
    manifest: Any = lake.models._invoke("parse", *QUIET).result
    models = [n for n in manifest.nodes.values() if n.resource_type.value == "model"]
    assert {model.name for model in models} >= {"mart_measurement", "mart_cell_growth"}
    unit_tested = {test.model for test in manifest.unit_tests.values()}
    tested = {test.attached_node for test in manifest.nodes.values() if _is_test(test)}
    for model in models:
        assert model.description.startswith("one row per "), model.name
        assert model.name in unit_tested
        assert model.unique_id in tested


def _is_test(node: Any) -> bool:
    return bool(node.resource_type.value == "test" and getattr(node, "attached_node", None))


@pytest.mark.integration
@pytest.mark.slow
def test_the_projects_own_unit_tests_pass(lake: SmallLake) -> None:
    """Of every model; the data tests are run on a whole stack's lake (tests/e2e/test_data_docs)."""
    os.environ["CYTOLAKE_BUILDS"] = ""
    outcome: Any = lake.models._invoke("test", *FAST, "--select", "test_type:unit").result
    assert {result.status.value for result in outcome.results} == {"pass"}
    assert len(outcome.results) > 40


COLUMNS = """SELECT column_name, data_type FROM duckdb_columns()
WHERE database_name = 'lake' AND table_name = '{}' ORDER BY column_index"""
DUCKDB_NAMES = {
    "text": "VARCHAR",
    "double precision": "DOUBLE",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
}


@pytest.mark.integration
def test_every_table_has_the_columns_of_its_contract(lake: SmallLake) -> None:
    for contract in CONTRACTS.values():
        said = {
            c.name: DUCKDB_NAMES.get(c.physical_type, c.physical_type.upper())
            for c in contract.columns
        }
        assert dict(lake.rows(COLUMNS.format(contract.name))) == said, contract.name


@pytest.mark.integration
def test_a_lake_of_an_earlier_version_is_brought_up(lake: SmallLake) -> None:
    lake.building.answer([lake.raw.counts("counter/1.csv", [("S1", 1.0)])])
    lake.rows("ALTER TABLE lake.raw.measurement DROP COLUMN analyst")
    lake.rows("ALTER TABLE lake.raw.measurement ALTER COLUMN vendor SET NOT NULL")
    lake.rows("ALTER TABLE lake.marts.mart_measurement DROP COLUMN has_warnings")
    lake.lake.open()
    lake.models.open()
    assert lake.rows("SELECT DISTINCT analyst FROM lake.raw.measurement") == [(None,)]
    assert lake.rows("SELECT DISTINCT has_warnings FROM lake.marts.mart_measurement") == [(False,)]
    nullable = "SELECT is_nullable FROM duckdb_columns() WHERE table_name = 'measurement'"
    assert lake.rows(f"{nullable} AND column_name = 'vendor'") == [(True,)]


@pytest.mark.integration
def test_what_is_made_as_one_is_made_whole_or_not_at_all(lake: SmallLake) -> None:
    views = lake.models._graph.named("view")
    there = "SELECT count(*) FROM duckdb_views() WHERE database_name = 'lake'"
    lake.rows("DROP VIEW lake.staging.stg_sample")
    lake.rows("ALTER TABLE lake.raw.measurement RENAME COLUMN vendor TO maker")
    with pytest.raises(BuildError, match="vendor"):
        lake.models._make_as_one(views)
    assert lake.rows(there) == [(len(views) - 1,)]
    lake.rows("ALTER TABLE lake.raw.measurement RENAME COLUMN maker TO vendor")
    lake.models._make_as_one(views)
    assert lake.rows(there) == [(len(views),)]


@pytest.mark.integration
def test_a_data_test_can_fail(lake: SmallLake) -> None:
    lake.building.answer([lake.raw.counts("counter/1.csv", [("S1", 1.0)])])
    lake.rows("INSERT INTO lake.marts.mart_measurement FROM lake.marts.mart_measurement")
    os.environ["CYTOLAKE_BUILDS"] = ""
    with pytest.raises(Exception, match="unique_mart_measurement_measurement_key"):
        lake.models._invoke("test", *FAST, "--select", "mart_measurement,test_type:data")


@pytest.mark.integration
def test_a_repeated_run_does_as_dbt_run_does(lake: SmallLake) -> None:
    loads = [
        lake.raw.counts("counter/1.csv", [("S1", 1.0)]),
        lake.raw.samples("list/1.csv", [("S1", "B1", 0.0)]),
    ]
    by_repeated = lake.building.answer(loads)
    growth = "SELECT * FROM lake.marts.mart_cell_growth"
    found = lake.rows(growth)
    models = lake.models._graph.named("incremental")
    tables = "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name <> 'raw'"
    for schema, table in lake.rows(f"{tables} AND database_name = 'lake'"):
        lake.rows(f'DELETE FROM lake."{schema}"."{table}"')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(BUILDS, str(by_repeated.build_no))
        lake.models._invoke("run", *FAST, "--select", *models)
    assert lake.rows(growth) == found != []
    noted = lake.models._opened()._manifest.flat_graph.pop(NOTES)
    assert {name: set(noted[name]) for name in by_repeated.marts} == {
        name: slices.ids for name, slices in by_repeated.marts.items()
    }


@pytest.mark.integration
def test_slices_are_found_as_the_build_noted_them(lake: SmallLake) -> None:
    load = lake.raw.counts("counter/1.csv", [("S1", 1.0)])
    built = lake.building.answer([load])
    again = lake.building.answer([load])
    assert again.marts == built.marts != {}
    assert again.build_no == built.build_no


@pytest.mark.integration
def test_a_build_that_fails_leaves_every_table_as_it_was(lake: SmallLake) -> None:
    """One transaction: who reads the lake sees all models of a build, or none."""
    first, second = (lake.raw.counts(f"counter/{n}.csv", [("S1", 1.0)]) for n in (1, 2))
    lake.building.answer([first])
    lake.rows("ALTER TABLE lake.marts.mart_measurement RENAME COLUMN vendor TO maker")
    build_no = lake.lake.take_in([second])
    with pytest.raises(BuildError, match=r"(?s)^mart_measurement: .*vendor") as failure:
        lake.models.build(touched_by([second], Known()), build_no)
    lake.rows("ALTER TABLE lake.marts.mart_measurement RENAME COLUMN maker TO vendor")
    assert "aborted" not in str(failure.value), "what failed with it is not told"
    counted = "SELECT DISTINCT object_id FROM lake.curated.fct_measurement"
    assert lake.rows(counted) == [(first.object_id,)]
