"""What the figures of a bench were measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("cytolake", "allotropy", "duckdb", "faststream", "great-expectations", "dbt-core")


def machine_facts(store: str) -> dict[str, object]:
    """Return what a reader needs to compare the figures with another machine's."""
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_average_before": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "object_store": store,
        "packages": {name: version(name) for name in PACKAGES},
    }


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Return what each process and all below it, the ended ones too, have used so far."""
    return {name: _tree_seconds(pid) for name, pid in pids.items() if pid}


def _tree_seconds(pid: int) -> float:
    seconds = 0.0
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                seconds += sum(one.cpu_times()[:4])  # own user, system; ended children's
    return seconds


def _cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
