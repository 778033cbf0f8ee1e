"""The bench works and tells every figure it promises; how large they are decides nothing here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cytolake.bench import Plan
from cytolake.bench_large_stack import SERVICES
from cytolake.bench_star import StarPlan
from cytolake.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]
COMMAND = Path(sys.executable).with_name("cytolake")
STAR_MARTS = {
    *("mart_batch", "mart_batch_event", "mart_batch_step", "mart_cell_growth", "mart_measurement"),
    *("mart_quality_event", "mart_result", "mart_sample"),
}


def test_the_bench_measures_what_it_promises(stack: Stack, tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    words = ("bench", "--quick", "--home", str(stack.home.root), "--output", str(output))
    done = subprocess.run([str(COMMAND), *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(output.read_text())
    assert list(figures["stage_seconds"]) == [
        "acknowledged -> received",
        "received -> landed",
        "landed -> converted",
        "converted -> validated",
        "validated -> built",
        "built -> loaded",
    ]
    assert set(figures["put_to_row_seconds"]) >= {"one_at_a_time", "at_2_per_second", "floor"}
    assert figures["webhook_seconds"]["n"] == Plan.quick().webhooks
    assert figures["backlog"]["files"] == Plan.quick().backlog_files
    assert len(figures["rows_written_per_file"]) == len(("small history", "large history"))
    assert set(figures["gate_milliseconds_per_file"]) >= {"measurement", "process_reading"}
    assert "conversion_p50_seconds" in figures["goals"]
    assert "where the time goes" in done.stdout


def test_the_bench_of_large_files_tells_the_memory_of_each_service(
    stack: Stack, tmp_path: Path
) -> None:
    output = tmp_path / "large.json"
    words = ("bench", "--large", "0.02", "--home", str(stack.home.root), "--output", str(output))
    done = subprocess.run([str(COMMAND), *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(output.read_text())["large"]
    assert set(figures["services"]) == set(SERVICES)
    assert all(one["mib"] >= one["mib_at_a_tenth"] > 0 for one in figures["services"].values())
    assert set(figures["goals"].values()) <= {True, False}


def test_the_bench_of_the_star_builds_the_same_batch_on_a_growing_history(tmp_path: Path) -> None:
    """Every mart of the star has a part in it; the first of two histories is built on as well."""
    output = tmp_path / "star.json"
    words = ("bench", "--star", "--quick", "--output", str(output))
    done = subprocess.run([str(COMMAND), *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(output.read_text())["star"]
    small, large = figures["histories"]
    assert (small["batches"], large["batches"]) == StarPlan.quick().histories
    assert small["files"] == large["files"]
    assert set(small["tables"]) == set(large["tables"]) >= STAR_MARTS
    assert 0 < small["dbt_seconds"] < small["seconds"]
    assert set(figures["goals"].values()) <= {True, False}
