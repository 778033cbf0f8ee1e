"""Ready is what holds the supervisor's own child's id; what is not ready is told with its log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cytolake.blueprint import Blueprint, StoreKind
from cytolake.errors import StackError
from cytolake.home import Home
from cytolake.process import Process, Stage
from cytolake.readiness import Readiness
from cytolake.supervisor import Supervised, Supervisor


class Told(Supervisor):
    """Says what it was given to say."""

    def __init__(self, home: Home, *states: Supervised) -> None:
        super().__init__(home)
        self._states = states

    def processes(self) -> dict[str, Supervised]:
        return {one.name: one for one in self._states}


def supervised(state: str, *, pid: int = 7) -> Supervised:
    return Supervised(name="intake", pid=pid, state=state, since=0, exit_status=0)


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    return Blueprint.of(Home.at(tmp_path), store=StoreKind.SEAWEEDFS)


@pytest.fixture
def intake(blueprint: Blueprint) -> Process:
    ready_file = blueprint.home.ready / "intake"
    return Process(name="intake", command=(), stage=Stage.SERVICES, ready_file=ready_file)


@pytest.mark.parametrize(("written", "is_ready"), [('{"pid": 7}', True), ('{"pid": 8}', False)])
def test_a_ready_file_of_an_earlier_process_does_not_count(
    blueprint: Blueprint, intake: Process, written: str, *, is_ready: bool
) -> None:
    readiness = Readiness(blueprint, Told(blueprint.home))
    assert intake.ready_file is not None
    intake.ready_file.write_text(written)
    assert readiness.is_ready(intake, supervised("RUNNING")) is is_ready
    assert not readiness.is_ready(intake, supervised("BACKOFF"))
    assert not readiness.is_ready(intake, None)


def test_half_a_ready_file_is_not_ready(blueprint: Blueprint, intake: Process) -> None:
    assert intake.ready_file is not None
    intake.ready_file.write_text(json.dumps({"pid": 7})[:5])
    readiness = Readiness(blueprint, Told(blueprint.home))
    assert not readiness.is_ready(intake, supervised("RUNNING"))


@pytest.mark.parametrize(
    ("state", "words"), [("FATAL", "does not start"), ("STARTING", "is not ready after 0 s")]
)
def test_a_fault_is_told_with_the_end_of_its_log(
    blueprint: Blueprint, intake: Process, state: str, words: str
) -> None:
    (blueprint.home.logs / "intake.log").write_text("first\nno such bucket\n")
    readiness = Readiness(blueprint, Told(blueprint.home, supervised(state)))
    with pytest.raises(StackError, match=rf"(?s)intake {words}.*no such bucket"):
        readiness.wait([intake], seconds=0)
