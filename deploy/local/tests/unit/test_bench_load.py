"""Dropping and watching, on a clock that only the test moves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5

import pytest

from cytolake.bench_load import (
    GIVE_UP_SECONDS,
    NotLoadedError,
    Watch,
    at_rate,
    backlog,
    one_at_a_time,
)
from cytolake.synthetic import SyntheticFile, count_files

FILES = count_files(4, seed=1, first_batch=1)[1:]
NAMESPACE = UUID(int=1)
PUT_SECONDS = 0.1


@dataclass
class Pipeline:
    """A store and marts in one: a file's row appears `latency` seconds after its PUT."""

    latency: float
    now: float = 0.0
    stored: dict[UUID, float] = field(default_factory=dict)
    put_at: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        time.sleep(0.0001)  # no time passes here, but the threads that put need a turn

    def put(self, file: SyntheticFile) -> UUID:
        self.put_at.append(self.now)
        self.now += PUT_SECONDS
        object_id = uuid5(NAMESPACE, file.name)
        self.stored[object_id] = self.now
        return object_id

    def loaded(self, objects: Sequence[UUID]) -> set[UUID]:
        return {one for one in objects if self.now >= self.stored[one] + self.latency}

    def watch(self) -> Watch:
        return Watch(self, clock=self.clock, sleep=self.sleep)


def test_one_at_a_time_measures_from_the_acknowledgement() -> None:
    pipeline = Pipeline(latency=0.5)
    passages = one_at_a_time(FILES, pipeline, pipeline.watch())
    assert [passage.name for passage in passages] == [file.name for file in FILES]
    assert [passage.seconds for passage in passages] == pytest.approx([0.5] * 4, abs=0.02)


def test_at_a_rate_drops_on_schedule_whatever_the_latency() -> None:
    pipeline = Pipeline(latency=3.0)
    passages = at_rate(FILES, pipeline, pipeline.watch(), per_second=2)
    assert pipeline.put_at == pytest.approx([0.0, 0.5, 1.0, 1.5], abs=0.02)
    assert [passage.seconds for passage in passages] == pytest.approx([3.0] * 4, abs=0.02)


def test_a_backlog_ends_with_its_last_row() -> None:
    pipeline = Pipeline(latency=1.0)
    passages = backlog(FILES, pipeline, pipeline.watch())
    assert {passage.name for passage in passages} == {file.name for file in FILES}


def test_a_file_that_never_arrives_is_named() -> None:
    pipeline = Pipeline(latency=GIVE_UP_SECONDS * 2)
    with pytest.raises(NotLoadedError, match=FILES[0].name):
        one_at_a_time(FILES, pipeline, pipeline.watch())
