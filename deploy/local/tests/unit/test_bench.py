"""The bench's plan, on a pipeline that is a few lines long."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5
from zipfile import ZipFile

import pytest
from rich.console import Console

from cytolake.bench import Bench, Plan, measure
from cytolake.bench_gate import GateCost
from cytolake.bench_load import Marts, Passage, Watch
from cytolake.bench_report import Report, print_report
from cytolake.bench_workbook import copies
from cytolake.synthetic import SyntheticFile

WEBHOOK_SECONDS = 0.01
LATENCY_SECONDS, FLOOR_SECONDS, ROWS_PER_FILE = 0.8, 0.2, 9
MACHINE: dict[str, object] = {"cpu": "a cpu", "usable_cores": 2, "object_store": "seaweedfs"}


@dataclass
class Pipeline:
    """Inbound bucket, marts and floor in one; every file takes the same time."""

    now: float = 0.0
    stored: dict[UUID, float] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    bodies: set[bytes] = field(default_factory=set)

    def put(self, file: SyntheticFile) -> UUID:
        self.bodies.add(file.body)
        self.names.append(file.name)
        object_id = uuid5(UUID(int=0), file.name)
        self.stored[object_id] = self.now
        return object_id

    def loaded(self, objects: Sequence[UUID]) -> set[UUID]:
        return {one for one in objects if self.now >= self.stored[one] + LATENCY_SECONDS}

    def history_files(self) -> int:
        return len(self.loaded(list(self.stored)))

    def rows_written(self) -> int:
        return ROWS_PER_FILE * self.history_files()

    def passage(self, file: SyntheticFile) -> float:
        assert file.body
        return FLOOR_SECONDS

    def cpu(self) -> dict[str, float]:
        return {"converter": 0.1 * len(self.stored), "nats": 1.0}

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def watch(self, marts: Marts) -> Watch:
        return Watch(marts, clock=lambda: self.now, sleep=self.sleep)


def moments(passage: Passage) -> dict[str, float]:
    start = passage.acknowledged_at
    named = {"acknowledged": start, "received": start + 0.1, "landed": start + 0.15}
    return named | {"converted": start + 0.35}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pipeline, Report]:
    workbook = tmp_path_factory.mktemp("bench") / "plate.xlsx"
    with ZipFile(workbook, "w") as archive:
        archive.writestr("sheet", "synthetic")
    pipeline = Pipeline()
    bench = Bench(
        inbound=pipeline,
        marts=pipeline,
        floor=pipeline,
        moments=moments,
        cpu=pipeline.cpu,
        webhooks=lambda count, _rate: [WEBHOOK_SECONDS] * count,
        gate=lambda rounds: {"sample": GateCost(40.0 + rounds, 3.0), "result": GateCost(70.0, 2.0)},
        first_batch=100,
        workbooks=copies(workbook, 3, first=1),
        watch=pipeline.watch,
        sleep=pipeline.sleep,
    )
    return pipeline, measure(bench, Plan.quick(), MACHINE, lambda _: None)


def test_no_file_is_dropped_twice(measured: tuple[Pipeline, Report]) -> None:
    pipeline, _ = measured
    assert len(set(pipeline.names)) == len(pipeline.bodies) == len(pipeline.names)


def test_the_figures_are_what_the_pipeline_takes(measured: tuple[Pipeline, Report]) -> None:
    report = measured[1]
    assert report.one_at_a_time.p50 == pytest.approx(LATENCY_SECONDS, abs=0.02)
    assert report.webhooks.p50 == WEBHOOK_SECONDS
    assert report.at_rate.n == Plan.quick().rate_files
    assert report.times_the_floor == pytest.approx(LATENCY_SECONDS / FLOOR_SECONDS, rel=0.05)
    assert report.backlog.files == Plan.quick().backlog_files
    assert list(report.backlog_cpu_seconds_per_file) == ["converter", "nats"]
    assert report.backlog_cpu_seconds_per_file["converter"] == pytest.approx(0.1)
    assert report.stages["acknowledged -> received"].p50 == pytest.approx(0.1)


def test_rows_written_do_not_count_the_list_of_samples_twice(
    measured: tuple[Pipeline, Report],
) -> None:
    small, large = measured[1].rows_written
    assert large.history_files > small.history_files
    assert small.per_file == large.per_file == ROWS_PER_FILE


def test_the_gate_is_judged_by_its_dearest_dataset(measured: tuple[Pipeline, Report]) -> None:
    goals = measured[1].as_dict()["goals"]
    assert (goals["gate_milliseconds_alone"]["reached"], goals["gate_milliseconds_of_30"]) == (
        70.0,
        {"goal": 5.0, "reached": 3.0, "is_met": True},
    )


def test_conversion_is_told_of_typical_files_and_of_a_workbook(
    measured: tuple[Pipeline, Report],
) -> None:
    pipeline, report = measured
    goals = report.as_dict()["goals"]
    assert goals["conversion_p50_seconds"]["reached"] == pytest.approx(0.2)
    assert goals["workbook_conversion_seconds"]["is_met"] is True
    assert report.workbook is not None
    assert report.workbook.n == 2, "the first warms"
    assert [name for name in pipeline.names if name.endswith(".xlsx")] == [
        "plate-1.xlsx",
        "plate-2.xlsx",
        "plate-3.xlsx",
    ]


def test_the_report_is_json_and_a_table(measured: tuple[Pipeline, Report]) -> None:
    report = measured[1]
    told = json.loads(json.dumps(report.as_dict()))
    assert told["goals"]["p50_seconds"]["is_met"] is True
    assert told["goals"]["webhook_p50_seconds"]["is_met"] is True
    assert told["machine"]["cpu"] == "a cpu"
    console = Console(file=io.StringIO(), width=120)
    print_report(console, report)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "acknowledged -> received" in text
    assert "floor: bare script" in text
