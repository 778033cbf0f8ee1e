"""What `cytolake bench` does: on a fresh stack of its own, unless told which."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console

from cytolake.bench import Bench, Plan, measure
from cytolake.bench_floor import BareScript
from cytolake.bench_gate import measure_gate
from cytolake.bench_load import Passage
from cytolake.bench_machine import cpu_seconds, machine_facts
from cytolake.bench_report import Report, print_report
from cytolake.bench_stack import InboundBucket, ReaderMarts
from cytolake.bench_webhooks import webhook_seconds
from cytolake.bench_workbook import QPCR, copies
from cytolake.blueprint import StoreKind
from cytolake.client import Gateway
from cytolake.commands_options import stack_of
from cytolake.stack import Stack
from cytolake.synthetic import SOURCES

MOMENTS = {
    "file.landed": "landed",
    "file.converted": "converted",
    "file.validated": "validated",
    "lake.built": "built",
    "mart.loaded": "loaded",
}
WORKBOOKS = 4
ERRORS = Console(stderr=True)


def run(
    home: Path | None,
    *,
    store: StoreKind | None,
    output: Path | None,
    quick: bool,
    as_data: bool,
    workbook: Path | None = None,
) -> None:
    """Measure, print, and write the figures."""
    with stack_for(home, store) as stack:
        report = _measured(stack, Plan.quick() if quick else Plan(), workbook)
    text = json.dumps(report.as_dict(), indent=2)
    if output is not None:
        output.write_text(text + "\n")
    if as_data:
        typer.echo(text)
    else:
        print_report(Console(), report)


@contextmanager
def stack_for(home: Path | None, store: StoreKind | None) -> Iterator[Stack]:
    """Give a running stack; stop it if it was not running, remove its home if it was made here."""
    root = home or Path(tempfile.mkdtemp(prefix="cytolake-bench-"))
    stack = stack_of(root, store=store)
    was_running = stack.is_running
    try:
        stack.up(_tell)
        yield stack
    finally:
        if not was_running:
            stack.down()
        if home is None:
            shutil.rmtree(root)


def _measured(stack: Stack, plan: Plan, workbook: Path | None) -> Report:
    environment = stack.env()
    gateway, marts = Gateway.at(environment), ReaderMarts(environment)
    for source in (*SOURCES, QPCR):
        gateway.add_source(
            source.name, vendor=source.vendor, layout=source.layout, timezone=source.timezone
        )
    machine = machine_facts(str(stack.blueprint.store))
    floor = BareScript(stack.blueprint)
    # Numbers that no earlier bench on this home used: the same bytes would be duplicates.
    now = int(time.time())
    work = Bench(
        inbound=InboundBucket(environment),
        marts=marts,
        floor=floor,
        moments=lambda passage: _moments(gateway, passage),
        cpu=lambda: cpu_seconds({one.name: one.pid for one in stack.processes()}),
        webhooks=lambda count, rate: webhook_seconds(gateway, count, per_second=rate),
        gate=measure_gate,
        first_batch=now,
        workbooks=copies(workbook, WORKBOOKS, first=now) if workbook else (),
    )
    try:
        return measure(work, plan, machine, _tell)
    finally:
        floor.close()
        marts.close()


def _moments(gateway: Gateway, passage: Passage) -> dict[str, float]:
    """Return when the file passed each moment, in seconds since 1970."""
    history = gateway.history(str(passage.object_id))
    run = history["runs"][-1]
    moments = {
        "acknowledged": passage.acknowledged_at + time.time() - time.monotonic(),
        "received": datetime.fromisoformat(run["opened_at"]).timestamp(),
    }
    for event in run["events"]:
        if event["type"] in MOMENTS:
            moments[MOMENTS[event["type"]]] = datetime.fromisoformat(event["time"]).timestamp()
    return moments


def _tell(words: str) -> None:
    ERRORS.print(words, style="dim", highlight=False)
