"""The running stack of the session, with the synthetic sources registered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cytolake.stack import Stack
from cytolake.synthetic import SOURCES
from tests.e2e.site import Site


@pytest.fixture(scope="session")
def site(stack: Stack) -> Iterator[Site]:
    """SeaweedFS, all processes."""
    yield from _open(stack)


@pytest.fixture(scope="session")
def minio_site(minio_stack: Stack) -> Iterator[Site]:
    """Return the same on MinIO."""
    yield from _open(minio_stack)


def _open(stack: Stack) -> Iterator[Site]:
    site = Site(stack)
    for source in SOURCES:
        site.gateway.add_source(
            source.name, vendor=source.vendor, layout=source.layout, timezone=source.timezone
        )
    yield site
    site.close()
