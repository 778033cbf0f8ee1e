"""What several integration tests share, beside the servers."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from cytolake.pulls.connecting import CONFIG, connect
from cytolake.pulls.connection import Connection
from cytolake.pulls.manifests import read_manifest
from tests.integration.intake_site import Site as IntakeSite
from tests.integration.intake_site import intake_site
from tests.integration.lims_site import LimsSite, config
from tests.support.corpus import Corpus
from tests.support.fake_lims import Book, FakeLims, serving
from tests.support.lake import SmallLake, local_lake
from tests.support.marts import Site, marts_site
from tests.support.stack import Servers
from tests.support.views import Views, prepare

NUMBERS = count(1)


@pytest.fixture(scope="module")
def mart_site(servers: Servers) -> Iterator[Site]:
    """A database and a lake of the module's own, as the mart-loader meets them."""
    with marts_site(servers) as made:
        yield made


@pytest.fixture(scope="session")
def views(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Views:
    """The marts and the views over them, without rows; each test's rows are told by their keys."""
    return prepare(servers, tmp_path_factory.mktemp("dbt"))


@pytest.fixture
async def intake(request: pytest.FixtureRequest) -> AsyncIterator[IntakeSite]:
    """Intake, running on SeaweedFS or on what `on_both_stores` says."""
    servers: Servers = request.getfixturevalue(getattr(request, "param", "servers"))
    async with intake_site(servers) as made:
        yield made


@pytest.fixture(scope="session")
def small_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLake]:
    """A lake on the local disk; who takes it empties it first."""
    with local_lake(tmp_path_factory.mktemp("lake")) as made:
        yield made


@pytest.fixture
def lake(small_lake: SmallLake) -> SmallLake:
    """The same, emptied."""
    small_lake.empty()
    return small_lake


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The instrument files, each converted once for whatever is asked of it."""
    return Corpus.warm()


@pytest.fixture(scope="module")
def fake_lims() -> Iterator[FakeLims]:
    with serving(Book()) as running:
        yield running


@pytest.fixture(scope="module")
def connected(servers: Servers, fake_lims: FakeLims) -> Connection:
    """A LIMS that was connected as people do it; the tests' own are copies of it."""
    fake_lims.book.fill("analysisservice", 1)
    connection = Connection.named(servers.stack.home, "model")
    streams = ["analyses", "samples", "batches", "services"]
    assert connect(connection, read_manifest("senaite"), config(fake_lims)) == streams
    assert connection.file(CONFIG).stat().st_mode & 0o777 == 0o600
    assert connection.folder.stat().st_mode & 0o777 == 0o700
    return connection


@pytest.fixture
def lims_site(servers: Servers, fake_lims: FakeLims, connected: Connection) -> LimsSite:
    """A LIMS of its own: 1,000 analyses, 30 samples, 3 batches, 5 services."""
    fresh = Book()
    fresh.fill("analysis", 1000)
    fresh.fill("analysisrequest", 30)
    fresh.fill("batch", 3)
    fresh.fill("analysisservice", 5)
    for name in fresh.__slots__:
        setattr(fake_lims.book, name, getattr(fresh, name))
    connection = Connection.named(servers.stack.home, f"lims{next(NUMBERS)}")
    shutil.copytree(connected.folder, connection.folder)
    return LimsSite(servers, fake_lims, connection)
