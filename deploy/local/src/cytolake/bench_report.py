"""The figures of a bench as one JSON document and as tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from cytolake.bench_figures import CONVERSION, Spread, Throughput
from cytolake.bench_gate import GateCost

GOALS = {
    "p50_seconds": 1.0,
    "p95_seconds": 2.0,
    "backlog_files_per_second": 15.0,
    "webhook_p50_seconds": 0.02,
    "conversion_p50_seconds": 0.25,
    "workbook_conversion_seconds": 3.0,
    "gate_milliseconds_alone": 60.0,
    "gate_milliseconds_of_30": 5.0,
}
"""What is asked for on two cores; the gate's are for the dearest dataset."""


@dataclass(frozen=True, slots=True)
class RowsWritten:
    """Row versions that PostgreSQL wrote into the marts per file, at a size of history."""

    history_files: int
    files: int
    rows: int

    @property
    def per_file(self) -> float:
        """Rows inserted, updated or deleted for one new file."""
        return self.rows / self.files


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that one run measured."""

    machine: Mapping[str, object]
    one_at_a_time: Spread
    at_rate: Spread
    webhooks: Spread
    """A webhook to its answer, its object stored."""
    files_per_second_offered: float
    floor: Spread
    times_the_floor: float
    stages: Mapping[str, Spread]
    backlog: Throughput
    backlog_cpu_seconds_per_file: Mapping[str, float]
    rows_written: list[RowsWritten] = field(default_factory=list)
    workbook: Spread | None = None
    gate: Mapping[str, GateCost] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data; times in seconds."""
        return {
            "machine": dict(self.machine),
            "put_to_row_seconds": {
                "one_at_a_time": self.one_at_a_time.as_dict(),
                f"at_{self.files_per_second_offered:g}_per_second": self.at_rate.as_dict(),
                "floor": self.floor.as_dict(),
                "times_the_floor": round(self.times_the_floor, 2),
            },
            "webhook_seconds": self.webhooks.as_dict(),
            "stage_seconds": {name: one.as_dict() for name, one in self.stages.items()},
            "backlog": {
                "files": self.backlog.files,
                "seconds": round(self.backlog.seconds, 2),
                "files_per_second": round(self.backlog.files_per_second, 2),
                "cpu_seconds_per_file": {
                    name: round(used, 4) for name, used in self.backlog_cpu_seconds_per_file.items()
                },
            },
            "rows_written_per_file": [
                {"history_files": one.history_files, "rows_per_file": round(one.per_file, 1)}
                for one in self.rows_written
            ],
            "workbook_conversion_seconds": self.workbook.as_dict() if self.workbook else None,
            "gate_milliseconds_per_file": {
                name: cost.as_dict() for name, cost in self.gate.items()
            },
            "goals": {name: _goal(name, reached) for name, reached in _reached(self).items()},
        }


def _reached(report: Report) -> dict[str, float]:
    """Return the figures that have a goal, as far as they were measured."""
    reached = {
        "p50_seconds": report.one_at_a_time.p50,
        "p95_seconds": report.one_at_a_time.p95,
        "webhook_p50_seconds": report.webhooks.p50,
        "backlog_files_per_second": report.backlog.files_per_second,
    }
    if CONVERSION in report.stages:
        reached["conversion_p50_seconds"] = report.stages[CONVERSION].p50
    if report.workbook is not None:
        reached["workbook_conversion_seconds"] = report.workbook.longest
    if report.gate:
        reached["gate_milliseconds_alone"] = max(one.alone for one in report.gate.values())
        reached["gate_milliseconds_of_30"] = max(one.waiting for one in report.gate.values())
    return reached


def _goal(name: str, reached: float) -> dict[str, object]:
    is_met = reached >= GOALS[name] if name.endswith("per_second") else reached <= GOALS[name]
    return {"goal": GOALS[name], "reached": round(reached, 3), "is_met": is_met}


def print_report(console: Console, report: Report) -> None:
    """Print the tables."""
    machine = report.machine
    facts = f"{machine['cpu']}, {machine['usable_cores']} cores, {machine['object_store']}"
    console.print(facts, style="dim")
    offered = f"{report.files_per_second_offered:g} a second"
    ways = {
        "one at a time": report.one_at_a_time,
        f"at {offered}": report.at_rate,
        "floor: bare script": report.floor,
    }
    console.print(_spreads("PUT acknowledged to row selectable", ways))
    console.print(f"the pipeline takes {report.times_the_floor:.1f} times the floor")
    console.print(_spreads("where the time goes, one at a time", report.stages))
    sent = {"answered, its object stored": report.webhooks}
    console.print(_spreads(f"webhook of a LIMS at {offered}", sent))
    backlog = report.backlog
    console.print(
        f"backlog: {backlog.files} files in {backlog.seconds:.1f} s, "
        f"[bold]{backlog.files_per_second:.1f} files/s[/]"
    )
    cpu = report.backlog_cpu_seconds_per_file
    told = ", ".join(f"{name} {used * 1000:.0f}" for name, used in cpu.items())
    console.print(
        f"CPU milliseconds per file of the backlog: {told}; all {sum(cpu.values()):.3f} s"
    )
    for one in report.rows_written:
        console.print(
            f"rows written per file: {one.per_file:.1f} at a history of {one.history_files} files"
        )
    for name, cost in report.gate.items():
        console.print(
            f"Great Expectations, {name}: {cost.alone:.0f} ms a file alone, "
            f"{cost.waiting:.1f} ms a file when 30 wait"
        )
    if report.workbook is not None:
        console.print(f"a workbook is converted in {report.workbook.p50:.2f} s")
    for name, goal in report.as_dict()["goals"].items():
        mark = "[green]met[/]" if goal["is_met"] else "[red]not met[/]"
        console.print(f"goal {name} {goal['goal']:g}: {goal['reached']} {mark}")


def _spreads(title: str, rows: Mapping[str, Spread]) -> Table:
    table = Table("", "n", "p50 s", "p95 s", "p99 s", "longest s", title=title)
    for name, one in rows.items():
        figures = (one.p50, one.p95, one.p99, one.longest)
        table.add_row(name, str(one.n), *(f"{figure:.3f}" for figure in figures))
    return table
