"""`cytolake demo`: a synthetic CAR-T batch through the whole stack, before your eyes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cytolake.bench_load import Inbound
from cytolake.bench_stack import InboundBucket
from cytolake.client import FileState, Gateway
from cytolake.demo_drops import Drop, drops
from cytolake.demo_report import Rows, batches, growth
from cytolake.demo_view import Journey, View
from cytolake.stack import Stack
from cytolake.synthetic import SOURCES

LOOK_EVERY_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 75.0
LISTED = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """What a demo led to."""

    batch_id: str
    journeys: list[Journey]
    told: dict[str, FileState]
    growth: Rows
    seconds: dict[str, float]

    @property
    def wrong(self) -> list[Journey]:
        """The files that did not become rows."""
        return [one for one in self.journeys if one.state not in {"loaded", "duplicate"}]

    @property
    def is_as_meant(self) -> bool:
        """Whether every file ended, and exactly those made wrong went wrong."""
        ended = all(journey.has_ended for journey in self.journeys)
        return ended and all(one.drop.fault for one in self.wrong) and bool(self.growth)


def show(stack: Stack, view: View, *, seed: int) -> Shown:
    """Start the stack, drop a batch, watch it through; the stack stays up."""
    began = time.monotonic()
    view.step("starting the stack")
    stack.up(view.step)
    up_at = time.monotonic()
    environment = stack.env()
    gateway = Gateway.at(environment)
    for source in SOURCES:
        gateway.add_source(
            source.name, vendor=source.vendor, layout=source.layout, timezone=source.timezone
        )
    view.step(f"registered {', '.join(source.name for source in SOURCES)}")
    number = batches(environment["CYTOLAKE_MARTS_DSN"]) + 1
    watch = Watcher(gateway, view)
    watch.drop_and_watch(drops(seed=seed, number=number), InboundBucket(environment))
    ended_at = time.monotonic()
    batch_id = f"SYN-B{number:04d}"
    return Shown(
        batch_id,
        watch.journeys,
        watch.told,
        growth(environment["CYTOLAKE_MARTS_DSN"], batch_id),
        {"stack_up": up_at - began, "files": ended_at - up_at, "all": ended_at - began},
    )


class Watcher:
    """Drops files and follows them by the gateway's list."""

    def __init__(
        self,
        gateway: Gateway,
        view: View,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gateway, self._view = gateway, view
        self._clock, self._sleep = clock, sleep
        self._dropped_at: dict[str, float] = {}
        self.journeys: list[Journey] = []
        self.told: dict[str, FileState] = {}

    def drop_and_watch(self, planned: list[Drop], inbound: Inbound) -> None:
        """Drop every file and look until all have ended or the time is over."""
        with self._view.watching(self.journeys):
            for drop in planned:
                object_id = self._drop(drop, inbound)
                self._dropped_at[object_id] = self._clock()
                self.journeys.append(Journey(drop, object_id))
                self.look()
            self._until_all_have_ended()

    def _until_all_have_ended(self) -> None:
        end = self._clock() + LONGEST_WAIT_SECONDS
        while not all(journey.has_ended for journey in self.journeys):
            if self._clock() > end:
                self._view.step("some files have not ended yet: see `cytolake status`")
                return
            self._sleep(LOOK_EVERY_SECONDS)
            self.look()

    def _drop(self, drop: Drop, inbound: Inbound) -> str:
        body = drop.file.body
        if drop.way == "S3":
            return str(inbound.put(drop.file))
        return self._gateway.upload(
            drop.file.source.name, drop.file.name, body, size_bytes=len(body)
        ).object_id

    def look(self) -> None:
        """Look once at all files."""
        now = self._clock()
        self.told.update({one.object_id: one for one in self._gateway.files(limit=LISTED)})
        for journey in self.journeys:
            told = self.told.get(journey.object_id)
            if told is not None and told.state not in journey.seen:
                journey.seen[told.state] = now - self._dropped_at[journey.object_id]
                self._view.changed(journey)


def as_data(shown: Shown, following: Mapping[str, str]) -> dict[str, Any]:
    """Return what was shown as plain data, for programs."""
    files = [
        {
            "name": journey.drop.file.name,
            "way": journey.drop.way,
            "fault": journey.drop.fault,
            **shown.told[journey.object_id].model_dump(),
            "seen_after_seconds": {k: round(v, 3) for k, v in journey.seen.items()},
        }
        for journey in shown.journeys
        if journey.object_id in shown.told
    ]
    return {
        "synthetic": True,
        "batch_id": shown.batch_id,
        "as_meant": shown.is_as_meant,
        "files": files,
        "growth": shown.growth,
        "seconds": {name: round(value, 2) for name, value in shown.seconds.items()},
        "next": dict(following),
    }
