"""The servers of one machine: ready, and whole again after each loss."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from pathlib import Path

import psycopg
import pytest

from cytolake.blueprint import StoreKind
from cytolake.errors import StackError
from cytolake.stack import Stack
from cytolake_runtime.topology import DURABLES, STREAMS
from tests.support.stack import Servers, require_minio

pytestmark = pytest.mark.integration
SERVERS = ("postgres", "nats", "warden", "store")


def test_servers_are_ready(servers: Servers) -> None:
    states = {one.name: one.state for one in servers.stack.processes()}
    assert states == dict.fromkeys((*SERVERS, "bridge"), "ready")


@pytest.mark.parametrize("name", [*SERVERS, "bridge"])
async def test_a_killed_process_comes_back_with_what_it_had(servers: Servers, name: str) -> None:
    key = f"killed/{uuid.uuid4()}.csv"
    version = servers.s3().put_object(Bucket="inbound", Key=key, Body=b"kept")["VersionId"]
    await until_notified(servers, {key})
    killed = servers.stack.kill(name)
    await asyncio.to_thread(servers.stack.wait_gone, killed)
    await asyncio.to_thread(servers.stack.wait_ready)
    body = servers.s3().get_object(Bucket="inbound", Key=key, VersionId=version)["Body"]
    assert body.read() == b"kept"
    again = f"killed/{uuid.uuid4()}.csv"
    servers.s3().put_object(Bucket="inbound", Key=again, Body=b"after")
    assert {key, again} <= await until_notified(servers, {key, again})
    with psycopg.connect(servers.dsn("intake")) as intake:
        assert intake.execute("select 1").fetchone() == (1,)


def test_indexes_that_a_power_cut_emptied_are_rebuilt(servers: Servers) -> None:
    key = f"cut/{uuid.uuid4()}.csv"
    servers.s3().put_object(Bucket="inbound", Key=key, Body=b"kept")
    servers.stack.stop("store")
    for index in (servers.stack.home.data / "seaweedfs").glob("*.idx"):
        index.write_bytes(b"")
    servers.stack.start("store")
    assert servers.s3().get_object(Bucket="inbound", Key=key)["Body"].read() == b"kept"


async def test_the_warden_provisions_a_wiped_broker(servers: Servers) -> None:
    await asyncio.to_thread(servers.stack.wipe_broker)
    async with asyncio.timeout(180), servers.nats("provisioner") as client:
        jetstream = client.jetstream()
        while (await jetstream.account_info()).consumers < len(DURABLES):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        assert (await jetstream.account_info()).streams == len(STREAMS)


async def test_the_bridge_loses_nothing_over_its_own_death(servers: Servers) -> None:
    servers.stack.stop("bridge")
    keys = _put_many(servers, 20)
    servers.stack.start("bridge")
    keys |= _put_many(servers, 10)
    servers.stack.kill("bridge")
    keys |= _put_many(servers, 20)
    assert keys <= await until_notified(servers, keys)


async def test_the_bridge_loses_nothing_over_an_outage_of_the_broker(servers: Servers) -> None:
    servers.stack.stop("nats")
    keys = _put_many(servers, 20)
    servers.stack.start("nats")
    keys |= _put_many(servers, 5)
    assert keys <= await until_notified(servers, keys)


@pytest.mark.minio
async def test_minio_loses_nothing_over_an_outage_of_the_broker(minio_servers: Servers) -> None:
    minio_servers.stack.stop("nats")
    keys = _put_many(minio_servers, 20)
    minio_servers.stack.start("nats")
    keys |= _put_many(minio_servers, 5)
    assert keys <= await until_notified(minio_servers, keys)


@pytest.mark.parametrize(
    "store", [StoreKind.SEAWEEDFS, pytest.param(StoreKind.MINIO, marks=pytest.mark.minio)]
)
async def test_down_and_up_keep_ports_secrets_objects_and_messages(
    store: StoreKind, tmp_path: Path
) -> None:
    if store is StoreKind.MINIO:
        require_minio()
    servers = Servers(Stack(tmp_path, store=store, services=lambda _blueprint: []))
    servers.stack.up(is_attached=True)
    put = servers.s3("operator").put_object(Bucket="inbound", Key="kept/a.csv", Body=b"kept")
    await until_notified(servers, {"kept/a.csv"})
    before = servers.stack.env()
    servers.stack.down()
    assert not servers.stack.is_running
    again = Servers(Stack(tmp_path, services=lambda _blueprint: []))
    again.stack.up(is_attached=True)
    assert again.stack.env() == before
    found = again.s3("intake").get_object(
        Bucket="inbound", Key="kept/a.csv", VersionId=put["VersionId"]
    )
    assert found["Body"].read() == b"kept"
    assert await until_notified(again, {"kept/a.csv"}) >= {"kept/a.csv"}
    again.stack.down()
    shutil.rmtree(tmp_path)


def test_a_home_keeps_its_store(servers: Servers) -> None:
    with pytest.raises(StackError, match="a home keeps its store"):
        Stack(servers.stack.home.root, store=StoreKind.MINIO)


def test_up_on_a_running_stack_changes_nothing(servers: Servers) -> None:
    before = {one.name: one.pid for one in servers.stack.processes()}
    servers.stack.up()
    assert {one.name: one.pid for one in servers.stack.processes()} == before


def _put_many(servers: Servers, count: int) -> set[str]:
    keys = {f"many/{uuid.uuid4()} é+.csv" for _ in range(count)}
    s3 = servers.s3("operator")
    for key in keys:
        s3.put_object(Bucket="inbound", Key=key, Body=key.encode())
    return keys


async def until_notified(servers: Servers, keys: set[str]) -> set[str]:
    """Read STORE from its beginning until every key was told; return all keys told."""
    told: set[str] = set()
    async with asyncio.timeout(180), servers.nats("provisioner") as client:
        messages = await client.jetstream().subscribe(
            "store.inbound", stream="STORE", ordered_consumer=True
        )
        while not keys <= told:
            told.add(_key((await messages.next_msg(timeout=180)).data))
    return told


def _key(notification: bytes) -> str:
    """Return the key told of; "" for what other tests leave that is no notification."""
    try:
        key: str = json.loads(notification).get("Key", "")
    except ValueError:
        return ""
    return key.removeprefix("inbound/")
