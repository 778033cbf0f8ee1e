"""What several integration tests share, beside the servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.integration.intake_site import Site as IntakeSite
from tests.integration.intake_site import intake_site
from tests.support.marts import Site, marts_site
from tests.support.stack import Servers


@pytest.fixture(scope="module")
def mart_site(servers: Servers) -> Iterator[Site]:
    """A database and a lake of the module's own, as the mart-loader meets them."""
    with marts_site(servers) as made:
        yield made


@pytest.fixture
async def intake(request: pytest.FixtureRequest) -> AsyncIterator[IntakeSite]:
    """Intake, running on SeaweedFS or on what `on_both_stores` says."""
    servers: Servers = request.getfixturevalue(getattr(request, "param", "servers"))
    async with intake_site(servers) as made:
        yield made
