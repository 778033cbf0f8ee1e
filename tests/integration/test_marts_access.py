"""Who sees which rows of marts and views: by product and site, by views, by SET ROLE. Synthetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql

from tests.support.stack import Servers
from tests.support.views import MARTS, Views

pytestmark = [pytest.mark.integration, pytest.mark.slow]
MARCH = datetime(2026, 3, 2, tzinfo=UTC)
BATCHES = {
    "A-north": ("A", "north"),
    "A-south": ("A", "south"),
    "B-north": ("B", "north"),
    "nowhere": (None, None),
}
EVERY = set(BATCHES)
ROLES: dict[str, tuple[list[tuple[str | None, str | None]], set[str]]] = {
    "sees_a": ([("A", None)], {"A-north", "A-south"}),
    "sees_north": ([(None, "north")], {"A-north", "B-north"}),
    "sees_a_north": ([("A", "north")], {"A-north"}),
    "sees_two": ([("A", "south"), ("B", "north")], {"A-south", "B-north"}),
    "sees_nothing": ([], set()),
    "sees_all": ([(None, None)], EVERY),
}
"""Role: what it is granted, and the batches that it then sees."""
BY_BATCH = (
    "mart_batch",
    "mart_batch_step",
    "mart_batch_event",
    "mart_quality_event",
    "mart_result",
    "mart_measurement",
    "mart_cell_growth",
    "mart_process_minute",
)


@pytest.fixture(scope="module")
def views(servers: Servers, views: Views) -> Iterator[Views]:
    """The same, with a row of each batch in each mart, and the roles that may see some of them."""
    for name, (product, site) in BATCHES.items():
        batch = {"batch_id": name, "product_code": product, "site": site, "status": "released"}
        views.put("mart_batch", batch | {"dispositioned_at": MARCH, "started_at": MARCH})
        of_batch = {"batch_id": name, "product_code": product, "site": site}
        for mart in BY_BATCH[1:]:
            columns = MARTS[mart].column_names
            row = {key: value for key, value in of_batch.items() if key in columns}
            numbers = {"culture_day": 1.0, "minute_start": MARCH}
            views.put(mart, row | {k: v for k, v in numbers.items() if k in columns})
    for product in ("A", "B"):
        views.put("mart_specification", {"product_code": product, "attribute": "vcn"})
    views.put("mart_point", {"object_id": "curve"})
    with psycopg.connect(servers.dsn(), autocommit=True) as admin:
        _make_roles(admin)
    yield views
    with psycopg.connect(servers.dsn(), autocommit=True) as admin:
        for role in ROLES:
            admin.execute("DELETE FROM marts.access WHERE role_name = %s", [role])
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _make_roles(admin: psycopg.Connection) -> None:
    for role, (granted, _) in ROLES.items():
        name = sql.Identifier(role)
        # As docs/how-to/decide-who-sees-what.md says: membership grants the tables, never rows.
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'synthetic'").format(name))
        admin.execute(sql.SQL("GRANT reader TO {}").format(name))
        for product, site in granted:
            admin.execute(
                "INSERT INTO marts.access (role_name, product_code, site) VALUES (%s, %s, %s)",
                [role, product, site],
            )


def as_role(views: Views, role: str) -> str:
    return psycopg.conninfo.make_conninfo(
        views.servers.dsn("reader"), user=role, password="synthetic"
    )


def seen(connection: psycopg.Connection, relation: str) -> set[str]:
    query = sql.SQL("SELECT batch_id FROM marts.{} WHERE batch_id = ANY(%s)")
    rows = connection.execute(query.format(sql.Identifier(relation)), [list(EVERY)]).fetchall()
    return {batch for (batch,) in rows}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_products_and_sites_in_every_mart(views: Views, role: str) -> None:
    with psycopg.connect(as_role(views, role)) as connection:
        for mart in BY_BATCH:
            assert seen(connection, mart) == ROLES[role][1], mart
        for view in ("int_disposition", "kpi_growth"):
            assert seen(connection, view) == ROLES[role][1], view


@pytest.mark.parametrize("role", ROLES)
def test_figures_are_of_what_is_seen(views: Views, role: str) -> None:
    with psycopg.connect(as_role(views, role)) as connection:
        query = "SELECT sum(n) FROM marts.kpi_batch_success WHERE month = '2026-03-01'"
        own = f"{query} AND (product_code IN ('A', 'B') OR product_code IS NULL)"
        found = connection.execute(own.encode()).fetchone()
    assert found is not None
    assert int(found[0] or 0) == len(ROLES[role][1])


def test_set_role_shows_what_the_role_sees_and_no_more(views: Views) -> None:
    """Also for the one that owns the views, and sees everything as itself."""
    with psycopg.connect(views.servers.dsn()) as admin:
        for role, (_, batches) in ROLES.items():
            admin.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            assert seen(admin, "mart_result") == batches
            assert seen(admin, "int_disposition") == batches
            admin.execute("RESET ROLE")
    with psycopg.connect(views.servers.dsn("dbt_marts")) as owner:
        assert seen(owner, "mart_result") == EVERY


def test_specifications_go_by_product_and_curves_by_everything(views: Views) -> None:
    expected = {"sees_a": ({"A"}, 0), "sees_north": ({"A", "B"}, 0), "sees_all": ({"A", "B"}, 1)}
    for role, (products, curves) in expected.items():
        with psycopg.connect(as_role(views, role)) as connection:
            found = connection.execute(
                "SELECT product_code FROM marts.mart_specification WHERE product_code IN ('A','B')"
            ).fetchall()
            assert {product for (product,) in found} == products, role
            points = "SELECT count(*) FROM marts.mart_point WHERE object_id = 'curve'"
            assert connection.execute(points.encode()).fetchone() == (curves,), role


def test_files_are_shown_to_whom_the_whole_site_is(views: Views) -> None:
    object_id = "00000000-0000-0000-0000-00000000acce"
    with psycopg.connect(views.servers.dsn("intake")) as ledger:
        ledger.execute(
            "INSERT INTO intake.object (object_id, bucket, key, version_id, etag, size_bytes,"
            " last_modified, source, object_seq, state) VALUES (%s, 'inbound', 'access/1.csv',"
            " 'v1', 'e', 1, now(), 'access', 1, 'rejected')",
            [object_id],
        )
        ledger.execute(
            "INSERT INTO intake.run (run_id, object_id, run_no, source, state)"
            """ VALUES (gen_random_uuid(), %s, 1, '{"site": "north"}', 'rejected')""",
            [object_id],
        )
    for role, count in (("sees_north", 1), ("sees_a_north", 0), ("sees_two", 0), ("sees_all", 1)):
        with psycopg.connect(as_role(views, role)) as connection:
            query = "SELECT count(*) FROM marts.kpi_file_ingest WHERE object_id = %s"
            assert connection.execute(query, [object_id]).fetchone() == (count,), role


def test_nobody_grants_rows_to_themselves(views: Views) -> None:
    with psycopg.connect(as_role(views, "sees_a")) as connection:
        own = connection.execute("SELECT product_code, site FROM marts.access").fetchall()
        assert own == [("A", None)]
        for statement in (
            "INSERT INTO marts.access (role_name) VALUES ('sees_a')",
            "ALTER TABLE marts.mart_batch DISABLE ROW LEVEL SECURITY",
            "SET row_security = off; SELECT count(*) FROM marts.mart_batch",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
            connection.rollback()


def test_every_mart_has_row_level_security(views: Views) -> None:
    query = """SELECT relname, relrowsecurity FROM pg_class
    WHERE relnamespace = 'marts'::regnamespace AND relkind = 'r' AND relname ^@ 'mart_'"""
    found = {row["relname"]: row["relrowsecurity"] for row in views.rows(query)}
    assert found == dict.fromkeys(MARTS, True)


def test_every_view_asks_as_the_reader_but_those_over_the_ledger(views: Views) -> None:
    query = """SELECT relname, coalesce('security_invoker=true' = ANY(reloptions), false) AS asks
    FROM pg_class WHERE relnamespace = 'marts'::regnamespace AND relkind = 'v'"""
    found = {row["relname"]: row["asks"] for row in views.rows(query)}
    assert {name for name, asks in found.items() if not asks} == {
        "kpi_file_ingest",
        "kpi_file_to_result",
    }
