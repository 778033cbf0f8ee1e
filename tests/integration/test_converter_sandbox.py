"""Parsers gone bad, in the real sandbox: each ends as a reason, and the next file is parsed."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cytolake_ingest_gateway.converter import testing, testing_children
from cytolake_ingest_gateway.converter.sandbox.child import Parse, Request, parse_workbook
from cytolake_ingest_gateway.converter.sandbox.confine import Limits
from cytolake_ingest_gateway.converter.sandbox.runner import Ended, Sandbox
from cytolake_ingest_gateway.converter.sandbox.sample import SAMPLE
from cytolake_ingest_gateway.converter.testing import workbook

pytestmark = [pytest.mark.integration, pytest.mark.slow]

LIMITS = Limits(cpu_seconds=2, wall_seconds=4.0)
SOON = Limits(cpu_seconds=2, wall_seconds=1.0)
"""For a parser that does nothing at all: how long is waited proves no more."""
FILE = Request(body=b"x", name="x.csv", vendor=None, timezone="UTC")
OF_A_SOURCE = replace(FILE, source="here")


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """The first child starts the fork server, which imports every parser."""
    assert Sandbox().warm_up().outcome == "parsed"


def run(parse: Parse, request: Request = FILE, *, limits: Limits = LIMITS) -> Ended:
    return Sandbox(limits, parse=parse).run(request)


@pytest.mark.parametrize(
    ("parse", "outcome"),
    [
        (testing.spinning, "timeout"),
        (testing.hungry, "memory"),
        (testing.aborting, "crashed"),
        (testing.killed, "crashed"),
        (testing.faulty, "crashed"),
        (testing.talkative, "memory"),
    ],
    ids=["spins", "asks for 4 GB", "aborts", "is killed", "raises", "talks too much"],
)
def test_a_parser_gone_bad_harms_nobody(parse: Parse, outcome: str) -> None:
    limits = LIMITS if outcome == "timeout" else Limits()  # what is slow does not hang
    assert run(parse, limits=limits).outcome == outcome
    assert Sandbox().run(SAMPLE).outcome == "parsed"


def test_a_hanging_parser_harms_nobody_and_leaves_no_process() -> None:
    before = children()
    assert run(testing.hanging, limits=SOON).outcome == "timeout"
    assert Sandbox().run(SAMPLE).outcome == "parsed"
    while children() - before:  # the fork server reaps it; the test's time limit ends this
        time.sleep(0.05)


def children() -> set[str]:
    """Return the processes that call themselves after the sandbox's children of ours."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            is_ours = Path(f"/proc/{status[1]}/stat").read_text().rsplit(")", 1)[1].split()[1]
        except (OSError, IndexError):
            continue
        if is_ours == str(os.getpid()) and status[0] != "Z":
            found.add(entry.name)
    return found


def test_nothing_can_be_reached_from_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    monkeypatch.setenv("CYTOLAKE_S3_SECRET_KEY", "hunter2")
    ended = run(testing.chatty, Request(body=b"", name=str(secret), vendor=None, timezone="UTC"))
    assert ended.outcome == "parsed"
    if not ended.confinement.is_full:
        pytest.skip(f"this kernel confines by {ended.confinement.words} only")
    said = ended.document.decode()
    assert "allowed" not in said
    assert '"password": null' in said
    assert "CYTOLAKE" not in said
    assert not Path(f"{secret}.out").exists()


def test_two_at_once() -> None:
    sandbox = Sandbox()
    with ThreadPoolExecutor(2) as threads:
        ends = list(threads.map(lambda _: sandbox.run(SAMPLE), range(6)))
    assert [ended.outcome for ended in ends] == ["parsed"] * 6
    assert len({ended.document for ended in ends}) == 1


def test_a_killed_fork_server_is_replaced_by_one_that_knows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from multiprocessing.forkserver import _forkserver

    monkeypatch.setenv("CYTOLAKE_S3_SECRET_KEY", "hunter2")
    os.kill(_forkserver._forkserver_pid, 9)  # type: ignore[attr-defined]
    assert Sandbox().run(SAMPLE).outcome == "parsed"
    assert "CYTOLAKE" not in run(testing.chatty).document.decode()


@pytest.mark.parametrize("vendor", ["BECKMAN_VI_CELL_XR", "THERMO_FISHER_QUBIT4"])
def test_behind_the_guards_the_limits_hold(vendor: str) -> None:
    """A workbook with a cell far out, handed to the parsers as if no guard had seen it."""
    body = workbook({"A1": "x", "XFD1048576": "y"}, dimension="A1:XFD1048576")
    started = time.monotonic()
    ended = Sandbox(Limits(cpu_seconds=5, wall_seconds=20)).run(
        Request(body=body, name="x.xlsx", vendor=vendor, timezone="UTC")
    )
    assert ended.outcome in {"crashed", "memory", "timeout", "rejected"}
    assert time.monotonic() - started < 60
    assert Sandbox().run(SAMPLE).outcome == "parsed"


def test_a_workbook_for_a_declared_layout_is_read_in_a_child() -> None:
    ended = run(parse_workbook, replace(FILE, body=workbook({"A1": "Sample", "B2": "1,5"})))
    assert ended.outcome == "parsed"
    (sheet,) = json.loads(ended.document)["sheets"]
    assert sheet == {"name": "Sheet1", "first_row": 1, "rows": [["Sample", None], [None, "1,5"]]}


def test_a_hostile_workbook_ends_its_child_alone() -> None:
    """The guards refuse it before; here it has come past them."""
    far = replace(FILE, body=workbook({"XFD1048576": "far"}))
    assert run(parse_workbook, far).outcome in {"crashed", "memory"}
    assert run(parse_workbook, replace(FILE, body=b"PK\x03\x04 no workbook")).outcome == "rejected"


def test_files_of_a_source_that_come_fast_are_read_by_one_child() -> None:
    sandbox = Sandbox(LIMITS, parse=testing_children.numbered)
    said = [sandbox.run(OF_A_SOURCE).document for _ in range(3)]
    assert said == [b'{"files_before": 0}', b'{"files_before": 1}', b'{"files_before": 2}']
    elsewhere = sandbox.run(replace(FILE, source="elsewhere"))
    assert elsewhere.document == b'{"files_before": 0}'
    assert sandbox.run(FILE).document == b'{"files_before": 0}'  # of no source: alone
    sandbox.close()
    assert sandbox.run(OF_A_SOURCE).document == b'{"files_before": 0}'


def test_no_file_ends_for_what_another_did_to_their_child() -> None:
    """Each of these goes wrong in a child that has read a file before, and only there."""
    for body in (b"raise", b"vanish", b"spin", b"memory"):
        sandbox = Sandbox(LIMITS, parse=testing_children.touchy)
        assert sandbox.run(OF_A_SOURCE).outcome == "parsed"
        assert sandbox.run(replace(OF_A_SOURCE, body=body)).outcome == "parsed", body
        sandbox.close()


def test_a_child_that_waits_in_vain_ends_and_the_next_file_does_not_notice() -> None:
    sandbox = Sandbox(LIMITS, parse=testing_children.numbered)
    before = children()
    assert sandbox.run(OF_A_SOURCE).outcome == "parsed"
    while children() - before:  # it gives up by itself; the test's time limit ends this
        time.sleep(0.05)
    assert sandbox.run(OF_A_SOURCE).document == b'{"files_before": 0}'
