"""A pull that is killed, stopped, torn from its store: nothing lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from cytolake.errors import StackError
from cytolake.pulls.inbound import inbound_of
from cytolake.pulls.outbox import remembered
from tests.integration.lims_site import LimsSite
from tests.support.fake_lims import Fault, Spell

pytestmark = [pytest.mark.integration, pytest.mark.slow]
PATIENCE_SECONDS = 180
COMMAND = [sys.executable, "-c", "from cytolake.cli import app; app()"]


@pytest.fixture
def site(lims_site: LimsSite) -> LimsSite:
    return lims_site


def test_killed_while_reading_the_next_pull_lands_everything_once(site: LimsSite) -> None:
    with held_in_the_middle(site) as (process, children):
        process.kill()
        process.communicate()
    assert psutil.wait_procs(children, timeout=60)[1] == []  # the connector ends with it
    assert site.versions("analyses") == []
    site.book.on_page = None
    (told,) = site.pull("analyses")
    assert told.rows == 1000
    assert len(site.rows("analyses")) == 1000
    assert [one.name for one in site.connection.folder.iterdir() if "-" in one.name] == []


def test_ctrl_c_ends_cleanly(site: LimsSite) -> None:
    with held_in_the_middle(site) as (process, children):
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, told
    assert "the rest is fetched the next time" in told
    assert '"streams": []' in said
    psutil.wait_procs(children, timeout=20)
    assert [child for child in children if child.is_running()] == []
    left = {file.name for file in site.connection.folder.iterdir()}
    assert left <= {"catalog.json", "config.json", "lock", "manifest.yaml", "outbox"}
    site.book.on_page = None


@contextmanager
def held_in_the_middle(
    site: LimsSite,
) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """Start a pull as a command; give it and its children when it waits for a page."""
    reached = threading.Event()

    def hold(resource: str, start: int) -> None:
        if resource == "analysis" and start >= 400:
            reached.set()

    site.book.on_page = hold
    site.book.faults = [Spell(Fault.SILENT, first=4)]
    home = str(site.connection.home.root)
    # A run in a shell's background ignores Ctrl-C, and so would every process that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [*COMMAND, "lims", "pull", site.connection.name, "--stream", "analyses", "--home", home,
         "--json"],
        env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert reached.wait(PATIENCE_SECONDS)
            yield process, psutil.Process(process.pid).children(recursive=True)
        finally:
            process.kill()  # whatever went wrong, the tests that follow do not meet it
            site.book.faults = []


class Torn:
    """A store that stores, and the power goes before anybody hears of it."""

    def __init__(self, site: LimsSite) -> None:
        self.inbound = inbound_of(site.servers.stack)

    def put(self, key: str, body: bytes, **said: Any) -> str | None:
        self.inbound.put(key, body, **said)
        raise KeyboardInterrupt


def test_killed_between_object_and_state_the_same_object_is_sent_again(site: LimsSite) -> None:
    with pytest.raises(KeyboardInterrupt):
        site.pull("analyses", store=Torn(site))
    assert remembered(site.connection) == {}
    again, unchanged = site.pull("analyses")
    assert (again.outcome, unchanged.outcome) == ("stored", "unchanged")
    # The same key and the same bytes: intake calls the second a duplicate (ADR 0012).
    assert len(site.versions("analyses")) == 2
    assert len(set(site.versions("analyses"))) == 1


def test_two_pulls_at_once_are_refused(site: LimsSite) -> None:
    with site.connection.locked(), pytest.raises(StackError, match="another pull of lims"):
        site.pull()
