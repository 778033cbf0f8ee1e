"""Real servers, and the whole real stack, for the tests that need them.

tests/conftest.py imports the fixtures: a test takes `servers` or `stack` by name. They are made
once per session and end with it, also when pytest is killed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import nats
import pytest
from nats.aio.client import Client

from cytolake.binaries import minio
from cytolake.blueprint import StoreKind
from cytolake.processes import service_processes
from cytolake.provision.buckets import admin_client, s3_client
from cytolake.stack import Stack
from cytolake_runtime.settings import ServiceSettings
from cytolake_runtime.topology import inbox_prefix
from tests.support.traces import TraceCollector, collecting


@dataclass(frozen=True, slots=True)
class Servers:
    """PostgreSQL, NATS and the store, provisioned; no service runs."""

    stack: Stack

    def environment(self, service: str) -> dict[str, str]:
        """Return the environment that the stack would give to this service (`intake`, …)."""
        table = {process.name: process for process in service_processes(self.stack.blueprint)}
        return dict(table[service].environment)

    def settings[S: ServiceSettings](self, service: str, kind: type[S]) -> S:
        """Return a service's settings as its process would read them (no ready file)."""
        environment = self.environment(service)
        environment.pop("CYTOLAKE_READY_FILE")
        values: dict[str, Any] = {
            name.removeprefix("CYTOLAKE_").lower(): value for name, value in environment.items()
        }
        return kind(**values)

    def dsn(self, role: str = "postgres") -> str:
        """Return a role's connection string; `postgres` may do everything."""
        return self.stack.blueprint.dsn(role)

    def s3(self, user: str = "admin") -> Any:
        """Return a boto3 client for one of the stack's users; `admin` may do everything."""
        if user == "admin":
            return admin_client(self.stack.blueprint)
        blueprint = self.stack.blueprint
        return s3_client(blueprint.s3_endpoint, blueprint.credentials.s3[user])

    @asynccontextmanager
    async def nats(self, user: str) -> AsyncIterator[Client]:
        """Connect to the broker with a user's own rights (`bridge`, `intake`, `provisioner`…)."""
        blueprint = self.stack.blueprint
        client = await nats.connect(
            blueprint.nats_url,
            user=user,
            password=blueprint.credentials.nats[user],
            inbox_prefix=inbox_prefix(user).encode(),
        )
        try:
            yield client
        finally:
            await client.close()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL, NATS and SeaweedFS, provisioned, with the bridge and the warden."""
    yield from _servers(tmp_path_factory, StoreKind.SEAWEEDFS)


@pytest.fixture(scope="session")
def minio_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Return the same on MinIO; skipped where it is not installed, except on CI."""
    require_minio()
    yield from _servers(tmp_path_factory, StoreKind.MINIO)


@pytest.fixture(scope="session")
def traces() -> Iterator[TraceCollector]:
    """Return where the spans of `stack` arrive."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, traces: TraceCollector) -> Iterator[Stack]:
    """Return the whole product, running, on SeaweedFS, its traces collected."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CYTOLAKE_OTLP_ENDPOINT", traces.endpoint)
        yield from _running(tmp_path_factory, StoreKind.SEAWEEDFS)


@pytest.fixture(scope="session")
def minio_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return the whole product, running, on MinIO."""
    require_minio()
    yield from _running(tmp_path_factory, StoreKind.MINIO)


def require_minio() -> None:
    """Skip without `minio` on the PATH; on CI that is a failure."""
    if minio() is None:
        why = "there is no `minio` on the PATH"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)


def _servers(factory: pytest.TempPathFactory, store: StoreKind) -> Iterator[Servers]:
    home = factory.mktemp(f"servers-{store}")
    stack = Stack(home, store=store, services=lambda _blueprint: [])
    stack.up(is_attached=True)
    yield Servers(stack)
    stack.down()
    shutil.rmtree(home)


def _running(factory: pytest.TempPathFactory, store: StoreKind) -> Iterator[Stack]:
    home = factory.mktemp(f"stack-{store}")
    stack = Stack(home, store=store)
    stack.up(is_attached=True)
    yield stack
    stack.down()
    shutil.rmtree(home)
