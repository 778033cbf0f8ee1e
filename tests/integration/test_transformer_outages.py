"""PostgreSQL or the store goes away: every run waits, none is blamed; back again, all are built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from cytolake_runtime import Retryable
from cytolake_transformer.duck import Catalog, Store
from cytolake_transformer.lake import DuckLake
from cytolake_transformer.models import DbtModels
from cytolake_transformer.writer import WriterLock
from tests.support.gate import Gate
from tests.support.lake import CONTRACTS, DBT_PROJECT, Put, RawZone, SmallLake
from tests.support.stack import Servers

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@dataclass(frozen=True)
class Site:
    """A lake behind two gates."""

    lake: SmallLake
    gates: dict[str, Gate]


@pytest.fixture(scope="module")
def site(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = f"lake_{uuid4().hex}"
    with psycopg.connect(servers.dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {database}".encode())
    told = psycopg.conninfo.conninfo_to_dict(servers.dsn())
    blueprint = servers.stack.blueprint
    key = blueprint.credentials.s3["transformer"]
    store_port = urlsplit(blueprint.s3_endpoint).port
    assert store_port is not None
    with Gate(int(str(told["port"]))) as postgres, Gate(store_port) as store:
        where = f"host=127.0.0.1 port={postgres.port} user={told['user']} dbname={database}"
        catalog = Catalog(
            path=f"ducklake:postgres:{where}",
            data_path=f"s3://lake/ducklake/{database}/",
            password=str(told["password"]),
        )
        lake = DuckLake(
            catalog,
            Store(
                endpoint=f"http://127.0.0.1:{store.port}",
                access_key=key.access_key,
                secret_key=key.secret_key,
            ),
            CONTRACTS.values(),
            lock=WriterLock(f"{where} password={told['password']}"),
        )
        lake.open()
        models = DbtModels(DBT_PROJECT, Path(tmp_path_factory.mktemp("target")))
        models.open()
        yield Site(
            SmallLake(RawZone(_putting(servers)), lake, models),
            {"postgres": postgres, "store": store},
        )
        lake.close()


def _putting(servers: Servers) -> Put:
    def put(key: str, body: bytes) -> str:
        servers.s3().put_object(Bucket="lake", Key=key, Body=body)
        return f"s3://lake/{key}"

    return put


@pytest.mark.parametrize("name", ["postgres", "store"])
@pytest.mark.parametrize("is_late", [False, True], ids=["before the build", "between raw and dbt"])
def test_nobody_is_blamed_for_a_server_that_is_away(
    site: Site, name: str, *, is_late: bool
) -> None:
    lake, gate = site.lake, site.gates[name]
    loads = [lake.raw.counts(f"counter/{uuid4()}.csv", [("S1", 2.0)]) for _ in range(3)]
    with pytest.MonkeyPatch.context() as patch:
        if is_late:
            again = lake.models._opened()
            run = again.run

            def run_without_it(models: Sequence[str]) -> list[Any]:
                gate.shut()
                return run(models)

            patch.setattr(again, "run", run_without_it)
        else:
            gate.shut()
        with pytest.raises(Retryable):
            lake.building.answer(loads)
    gate.reopen()
    outcome = lake.building.answer(loads)
    assert outcome.failed == {}
    assert {load.key for load in outcome.built} == {load.key for load in loads}
    assert lake.rows("SELECT * FROM lake.raw.load WHERE retracted") == []
    ids = ", ".join(f"'{load.object_id}'" for load in loads)
    for table in ("raw.measurement", "marts.mart_measurement"):
        query = f"SELECT count(*) FROM lake.{table} WHERE object_id IN ({ids})"
        assert lake.rows(query) == [(6,)]
