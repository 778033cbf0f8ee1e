"""How a run is shared among workers, seen on a small project of four files (ADR 0026)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.architecture.tree import ROOT
from tests.support.workers import LANES, WORKERS, lane

# Each test tells where it ran; then it starts a program, as a test on real servers does.
TEST = """
import json, os, subprocess
from pathlib import Path
from cytolake.binaries import guarded

def test_it():
    program = None
    if "HANGS" in os.environ:
        program = subprocess.Popen(guarded(["/bin/sleep", "600"], stop_signal="KILL"))
    here = [os.environ.get(name) for name in ("PYTEST_XDIST_WORKER", "CYTOLAKE_PORT_RANGE")]
    told = Path(__file__).with_suffix(".new")
    told.write_text(json.dumps([*here, program and program.pid]))
    told.rename(told.with_suffix(".json"))
    if program:
        program.wait()
"""
LOOK_SECONDS = 0.05
FILES = ("test_a", "test_b", "test_c", "test_d")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with the same plugin."""
    (tmp_path / "pyproject.toml").write_text('[tool.pytest]\ntestpaths = ["."]\n')
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["tests.support.workers"]\n')
    for name in FILES:
        (tmp_path / f"{name}.py").write_text(TEST)
    return tmp_path


def start(project: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST_")}
    inherited.pop("CYTOLAKE_PORT_RANGE", None)
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=project,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.DEVNULL,
    )


def told(project: Path) -> list[list[Any]]:
    """Return what the tests that ran have told."""
    return [json.loads(file.read_text()) for file in sorted(project.glob("*.json"))]


def test_a_whole_run_is_shared_and_each_worker_has_ports_of_its_own(project: Path) -> None:
    assert start(project).wait() == 0
    workers, ranges = zip(*[one[:2] for one in told(project)], strict=True)
    assert set(workers) == {f"gw{number}" for number in range(WORKERS)}
    ports = [range(*map(int, one.split("-"))) for one in ranges]
    assert all(len(one) > 100 for one in ports)
    assert not set.intersection(*map(set, ports))


@pytest.mark.parametrize("words", [("test_a.py", "test_b.py"), ("-n0",), ("-p", "no:xdist")])
def test_a_chosen_part_stays_in_one_process(project: Path, words: tuple[str, ...]) -> None:
    assert start(project, *words).wait() == 0
    assert {worker for worker, *_ in told(project)} == {None}
    assert len(told(project)) == (2 if words[0].endswith(".py") else 4)


def test_a_killed_run_leaves_nothing_behind(project: Path) -> None:
    run = start(project, HANGS="yes")
    while len(told(project)) < len(FILES):
        assert run.poll() is None
        time.sleep(LOOK_SECONDS)
    left = [psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)]
    assert {pid for *_, pid in told(project)} <= {process.pid for process in left}
    run.kill()
    run.wait()
    psutil.wait_procs(left, timeout=60)
    assert [process for process in left if process.is_running()] == []


def test_every_lane_is_of_tests_that_there_are() -> None:
    assert [start for start in LANES if not [*ROOT.glob(f"{start}*")]] == []
    assert lane("tests/e2e/test_kills.py::test_a") == lane("tests/e2e/test_outages.py::test_b")
    assert lane("tests/e2e/test_plant.py::test_a") == lane("tests/bench/test_bench_quick.py")
    assert lane("contracts/tests/test_events.py::test_a[b::c]") == "contracts/tests/test_events.py"


def test_whoever_uses_a_whole_stack_shares_its_lane() -> None:
    """A stack per file would be half a minute of processor time each."""
    files = {str(file.relative_to(ROOT)): file for file in (ROOT / "tests").glob("*/test_*.py")}
    uses = re.compile(r"^from tests\.e2e\.site import|\bstack: Stack\b", re.MULTILINE)
    users = {name for name, file in files.items() if uses.search(file.read_text())}
    assert {lane(name) for name in users} == {"stack", "outages", "load"}
