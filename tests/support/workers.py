"""A whole run of pytest is shared among workers; a part of it runs in one process (ADR 0026).

A worker is handed one lane after the other: the tests of a file, or of the files that share a
stack. What is made once per session (`servers`, `stack`) is made once per worker that needs it, so
the lanes decide how many servers are alive. `-n0` runs everything in one process, in pytest's
order.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import pytest

WORKERS = 4
"""Twice the cores that we count on: half of a test on real servers is waiting."""
LANES = {
    "tests/e2e/test_kills.py": "outages",
    "tests/e2e/test_outages.py": "outages",
    "tests/e2e/test_tutorial.py": "tutorial",
    "tests/e2e/test_plant.py": "load",
    "tests/bench/": "load",
    "tests/e2e/": "stack",
    "tests/integration/test_corpus_": "corpus",
    "tests/integration/test_validator_instruments.py": "corpus",
    "tests/integration/test_kpi": "views",
    "tests/integration/test_marts_access.py": "views",
    "tests/integration/test_lake_": "lake",
    "tests/integration/test_dbt_project.py": "lake",
}
"""What shares a lane, beside the tests of one file: the first line that fits."""
FIRST_PORT, PORTS = 20_000, 1_000


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Decide on workers before pytest-xdist reads its options; a worker starts none itself."""
    if is_worker(config) or not config.pluginmanager.hasplugin("xdist"):
        return
    if config.option.numprocesses is None and is_whole(config):
        config.option.numprocesses = WORKERS
    if config.option.numprocesses:
        config.option.dist = "loadscope"
        config.option.loadscopereorder = False  # the order is ours, below


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Return the scheduler that hands out lanes."""
    from xdist.scheduler import LoadScopeScheduling

    class Lanes(LoadScopeScheduling):  # type: ignore[misc] # xdist tells no types
        def _split_scope(self, nodeid: str) -> str:
            return lane(nodeid)

    return Lanes(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Give each worker ports of its own: one is chosen a moment before it is bound."""
    if is_worker(config):
        gc.disable()  # a quarter of what it takes to collect: nothing made there is ever garbage
        number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
        first = FIRST_PORT + number * PORTS
        os.environ["CYTOLAKE_PORT_RANGE"] = f"{first}-{first + PORTS - 1}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the lanes that take longest to the front, so that none is left over at the end."""
    if is_worker(config):
        ranks: dict[str, int] = {}
        for item in items:
            name = lane(item.nodeid)
            ranks[name] = min(rank(item), ranks.get(name, rank(item)))
        items.sort(key=lambda item: ranks[lane(item.nodeid)])


def pytest_collection_finish() -> None:
    """Set what was collected aside from the garbage collector, for good."""
    gc.freeze()
    gc.enable()


def is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def is_whole(config: pytest.Config) -> bool:
    """Whether nothing was chosen but by mark, and nobody wants to look into the process."""
    wishes = ("usepdb", "collectonly", "keyword", "lf", "failedfirst", "stepwise")
    is_plain = not any(config.getoption(name, default=None) for name in wishes)
    is_captured = config.option.capture != "no"
    return config.args_source is config.ArgsSource.TESTPATHS and is_plain and is_captured


def lane(nodeid: str) -> str:
    """Return which tests run one after the other, in one process with this one."""
    file = nodeid.partition("::")[0]
    return next((name for start, name in LANES.items() if file.startswith(start)), file)


def rank(item: pytest.Item) -> int:
    """Return 0 for what takes longest."""
    marks = ("e2e", "slow", "integration")
    return next((place for place, name in enumerate(marks) if item.get_closest_marker(name)), 3)
