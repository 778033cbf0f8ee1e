"""The running stack of the session, with the synthetic sources registered."""

from __future__ import annotations

import pytest

from cytolake.stack import Stack
from cytolake.synthetic import SOURCES
from tests.e2e.site import Site


@pytest.fixture(scope="session")
def site(stack: Stack) -> Site:
    """SeaweedFS, all processes."""
    return _with_sources(Site(stack))


@pytest.fixture(scope="session")
def minio_site(minio_stack: Stack) -> Site:
    """Return the same on MinIO."""
    return _with_sources(Site(minio_stack))


def _with_sources(site: Site) -> Site:
    for source in SOURCES:
        site.gateway.add_source(
            source.name, vendor=source.vendor, layout=source.layout, timezone=source.timezone
        )
    return site
