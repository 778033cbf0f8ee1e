"""What the figures were measured on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from cytolake.bench_machine import cpu_seconds, machine_facts

SPIN = "sum(range(3_000_000))"


def test_the_facts_are_plain_data() -> None:
    facts = machine_facts("seaweedfs")
    assert json.loads(json.dumps(facts)) == facts
    assert facts["object_store"] == "seaweedfs"


def test_cpu_counts_children_that_have_ended() -> None:
    before = cpu_seconds({"me": os.getpid()})["me"]
    subprocess.run([sys.executable, "-c", SPIN], check=True)
    assert cpu_seconds({"me": os.getpid()})["me"] > before


def test_a_process_that_does_not_run_is_left_out() -> None:
    assert cpu_seconds({"stopped": 0}) == {}
