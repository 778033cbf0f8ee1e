"""Deny by default: what a user of the broker, the store or the database may not do."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError
from nats.errors import TimeoutError as NatsTimeoutError

from cytolake.blueprint import StoreKind
from cytolake.credentials import S3_USERS, S3Key
from cytolake.provision import minio, seaweedfs
from cytolake.provision.buckets import s3_client
from cytolake.provision.policies import put_only
from cytolake_runtime.topology import DURABLES, PUBLISHES
from tests.support.stack import Servers

pytestmark = pytest.mark.integration

SERVICE_USERS = sorted(set(PUBLISHES) - {"store", "operator"})
FOREIGN = {
    "bridge": "cytolake.main.file.landed",
    "intake": "cytolake.main.file.converted",
    "converter": "cytolake.main.file.validated",
    "validator": "cytolake.main.lake.built",
    "transformer": "cytolake.main.mart.loaded",
    "mart-loader": "cytolake.main.file.landed",
    "lineage": "cytolake.main.file.landed",
    "checker": "cytolake.main.file.validated",
}


@pytest.mark.parametrize("user", SERVICE_USERS)
async def test_foreign_publish_is_denied(servers: Servers, user: str) -> None:
    async with servers.nats(user) as client:
        with pytest.raises(NatsTimeoutError):
            await client.jetstream(timeout=0.5).publish(FOREIGN[user], b"{}")


@pytest.mark.parametrize("user", SERVICE_USERS)
@pytest.mark.parametrize(
    "request_subject",
    ["$JS.API.STREAM.DELETE.CYTOLAKE", "$JS.API.STREAM.PURGE.STORE", "$JS.API.STREAM.CREATE.X"],
)
async def test_services_change_no_stream(servers: Servers, user: str, request_subject: str) -> None:
    async with servers.nats(user) as client:
        with pytest.raises(NatsTimeoutError):
            await client.request(request_subject, b"{}", timeout=0.3)


async def test_a_foreign_consumer_gives_nothing(servers: Servers) -> None:
    own = {durable.name for durable in DURABLES if durable.user == "validator"}
    async with servers.nats("validator") as client:
        for durable in DURABLES:
            subject = f"$JS.API.CONSUMER.MSG.NEXT.{durable.stream}.{durable.name}"
            if durable.name not in own:
                with pytest.raises(NatsTimeoutError):
                    await client.request(subject, b'{"batch":1,"no_wait":true}', timeout=0.3)


async def test_nobody_listens_to_all(servers: Servers) -> None:
    heard: list[Any] = []
    async with servers.nats("lineage") as lineage, servers.nats("bridge") as bridge:
        await lineage.subscribe("store.>", cb=_into(heard))
        await lineage.flush()
        await bridge.jetstream().publish("store.probe", b"{}")
        await lineage.flush()
        await asyncio.sleep(0)
    assert heard == []


@pytest.fixture(params=["servers", pytest.param("minio_servers", marks=pytest.mark.minio)])
def either(request: pytest.FixtureRequest) -> Servers:
    found: Servers = request.getfixturevalue(request.param)
    return found


def test_operator_can_only_put_into_inbound(either: Servers) -> None:
    s3 = either.s3("operator")
    s3.put_object(Bucket="inbound", Key="anything/a.csv", Body=b"1")
    assert _denied(s3.get_object, Bucket="inbound", Key="anything/a.csv")
    assert _denied(s3.list_objects_v2, Bucket="inbound")
    assert _denied(s3.delete_object, Bucket="inbound", Key="anything/a.csv")
    assert _denied(s3.put_object, Bucket="lake", Key="raw/a", Body=b"1")
    assert _denied(s3.put_object, Bucket="evidence", Key="asm/a", Body=b"1")
    assert _denied(s3.create_bucket, Bucket="mine")


def test_the_api_reads_pages_of_results_and_nothing_else_of_the_evidence(either: Servers) -> None:
    for bucket, key in (("docs", "data-docs/raw/a.html"), ("evidence", "validation/o/1.json")):
        either.s3().put_object(Bucket=bucket, Key=key, Body=b"1")
    api = either.s3("api")
    page = api.get_object(Bucket="docs", Key="data-docs/raw/a.html")
    assert page["Body"].read() == b"1"
    assert _denied(api.get_object, Bucket="evidence", Key="validation/o/1.json")
    assert _denied(api.put_object, Bucket="docs", Key="data-docs/raw/a.html", Body=b"2")
    assert _denied(api.list_objects_v2, Bucket="evidence")
    assert _denied(api.list_objects_v2, Bucket="docs")


def test_the_checker_writes_its_own_results_and_pages_only(either: Servers) -> None:
    s3 = either.s3("checker")
    either.s3().put_object(Bucket="evidence", Key="validation/o/1.json", Body=b"1")
    assert s3.get_object(Bucket="evidence", Key="validation/o/1.json")["Body"].read() == b"1"
    for key in ("validation/mart/m/1.json", "validation/curated/c/1.json", "releases/B1/1/m.json"):
        s3.put_object(Bucket="evidence", Key=key, Body=b"1")
    s3.put_object(Bucket="docs", Key="data-docs/x.html", Body=b"1")
    assert _denied(s3.put_object, Bucket="evidence", Key="data-docs/x.html", Body=b"1")
    assert _denied(s3.put_object, Bucket="docs", Key="elsewhere/x.html", Body=b"1")
    assert _denied(s3.put_object, Bucket="evidence", Key="validation/o/1.json", Body=b"2")
    assert _denied(s3.put_object, Bucket="lake", Key="ducklake/x.parquet", Body=b"2")
    assert _denied(s3.get_object, Bucket="lake", Key="raw/x.parquet")
    assert _denied(s3.delete_object, Bucket="docs", Key="data-docs/x.html")


def test_a_page_leaves_no_earlier_self_behind_and_a_result_does(either: Servers) -> None:
    """An index is written again and again, and all of it follows from the results."""
    admin = either.s3()
    for bucket, kept in (("docs", 1), ("evidence", 2)):
        for body in (b"one", b"two"):
            admin.put_object(Bucket=bucket, Key="again/x", Body=body)
        versions = admin.list_object_versions(Bucket=bucket, Prefix="again/x")["Versions"]
        assert len(versions) == kept, bucket
    admin.delete_object(Bucket="docs", Key="again/x")
    assert "Contents" not in admin.list_objects_v2(Bucket="docs", Prefix="again/")


def test_the_checker_reads_the_lake_and_the_marts_and_writes_neither(servers: Servers) -> None:
    with psycopg.connect(servers.dsn("mart_loader"), autocommit=True) as loader:
        loader.execute("create table marts.checker_probe as select 1 as x")
        with psycopg.connect(servers.dsn("checker"), autocommit=True) as checker:
            assert checker.execute("select x from marts.checker_probe").fetchone() == (1,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                checker.execute("delete from marts.checker_probe")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                checker.execute("select * from intake.api_key")
        loader.execute("drop table marts.checker_probe")


def test_a_source_key_made_while_running_is_limited_to_its_prefix(either: Servers) -> None:
    blueprint, key = either.stack.blueprint, S3Key.generated()
    store = minio if blueprint.store is StoreKind.MINIO else seaweedfs
    store.add_user(blueprint, "source-vicell", key, put_only("vicell/"))
    s3 = s3_client(blueprint.s3_endpoint, key)
    version = s3.put_object(Bucket="inbound", Key="vicell/a b+é.csv", Body=b"1")["VersionId"]
    assert _denied(s3.put_object, Bucket="inbound", Key="vicell2/a.csv", Body=b"1")
    assert _denied(s3.put_object, Bucket="inbound", Key="a.csv", Body=b"1")
    assert _denied(s3.get_object, Bucket="inbound", Key="vicell/a b+é.csv")
    assert _denied(s3.delete_object, Bucket="inbound", Key="vicell/a b+é.csv", VersionId=version)
    body = either.s3("intake").get_object(
        Bucket="inbound", Key="vicell/a b+é.csv", VersionId=version
    )
    assert body["Body"].read() == b"1"


def test_a_locked_version_outlives_an_overwrite_and_every_delete(either: Servers) -> None:
    admin, key = either.s3(), "lock/count.csv"
    first = admin.put_object(Bucket="inbound", Key=key, Body=b"first")["VersionId"]
    admin.put_object(Bucket="inbound", Key=key, Body=b"second")
    assert _denied(
        admin.delete_object,
        Bucket="inbound",
        Key=key,
        VersionId=first,
        BypassGovernanceRetention=True,
    )
    old = admin.get_object(Bucket="inbound", Key=key, VersionId=first)
    assert old["Body"].read() == b"first"


@pytest.mark.parametrize("user", sorted(set(S3_USERS) - {"admin"}))
def test_no_service_deletes_an_original(either: Servers, user: str) -> None:
    version = either.s3().put_object(Bucket="inbound", Key=f"own/{user}", Body=b"1")["VersionId"]
    s3 = either.s3(user)
    assert _denied(s3.delete_object, Bucket="inbound", Key=f"own/{user}")
    assert _denied(s3.delete_object, Bucket="inbound", Key=f"own/{user}", VersionId=version)


def test_intake_owns_its_schema_and_api_reads_it(servers: Servers) -> None:
    with psycopg.connect(servers.dsn("intake"), autocommit=True) as intake:
        intake.execute("create table intake.stack_probe (x int)")
        intake.execute("insert into intake.stack_probe values (1)")
        with psycopg.connect(servers.dsn("api"), autocommit=True) as api:
            assert api.execute("select x from intake.stack_probe").fetchone() == (1,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                api.execute("insert into intake.stack_probe values (2)")
        intake.execute("drop table intake.stack_probe")


def test_reader_reads_marts_and_writes_nothing(servers: Servers) -> None:
    with psycopg.connect(servers.dsn("mart_loader"), autocommit=True) as loader:
        loader.execute("create table marts.stack_probe as select 1 as x")
        with psycopg.connect(servers.dsn("reader"), autocommit=True) as reader:
            assert reader.execute("select x from stack_probe").fetchone() == (1,)
            reader.execute("set default_transaction_read_only = off")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("delete from marts.stack_probe")
        loader.execute("drop table marts.stack_probe")


def _denied(call: Any, **arguments: Any) -> bool:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return bool(refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 403})


def _into(heard: list[Any]) -> Any:
    async def take(message: Any) -> None:
        heard.append(message)

    return take
