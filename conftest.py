"""Rules that hold for every test of the workspace."""

from __future__ import annotations

import os
import shutil
import socket

import pytest

pytest_plugins = ["tests.support.workers"]
ON_REAL_SERVERS = {"integration", "e2e"}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs MinIO where there is none; on CI its absence is a failure."""
    if item.get_closest_marker("minio") is None or shutil.which("minio"):
        return
    if os.environ.get("CI"):
        pytest.fail("minio is not on the PATH, and on CI it must be", pytrace=False)
    pytest.skip("minio is not on the PATH")


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse a connection in a test that does not say that it talks to servers."""
    if ON_REAL_SERVERS & {mark.name for mark in request.node.iter_markers()}:
        return
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            message = f"a unit test reached for {address}: mark it `integration` or use a fake"
            raise AssertionError(message)
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", refuse)
