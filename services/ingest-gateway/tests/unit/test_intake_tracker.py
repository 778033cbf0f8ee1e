"""From events, dead letters and advisories to the history and the standing of runs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from cytolake_contracts import (
    EVENTS,
    DeadLetter,
    Event,
    FileConverted,
    FileLanded,
    FileRejected,
    MartLoaded,
    ReasonCode,
    UnreadableEventError,
)
from cytolake_contracts.examples import valid_examples
from cytolake_ingest_gateway.intake.news import (
    News,
    Progress,
    folded,
    news_of_event,
    news_of_letter,
)
from cytolake_ingest_gateway.intake.testing import START
from cytolake_ingest_gateway.intake.tracker import Tracker
from cytolake_ingest_gateway.lifecycle import RECEIVED, STEPS, State
from cytolake_runtime import RawMessage
from cytolake_runtime.topology import ADVISORIES


def example[E: Event](kind: type[E]) -> E:
    return kind.from_bytes(next(iter(valid_examples(kind.type_name()).values())))


def message(body: bytes, subject: str = "cytolake.main.file.landed") -> RawMessage:
    return RawMessage(
        subject=subject,
        stream="CYTOLAKE",
        sequence=7,
        time=START,
        headers={},
        body=body,
        deliveries=1,
    )


@dataclass(frozen=True)
class Kept:
    """A message in a stream."""

    subject: str = "cytolake.main.file.landed"
    body: bytes = b"\xff"
    headers: dict[str, str] = field(default_factory=lambda: {"Nats-Msg-Id": "x"})


@dataclass
class Around:
    """Everything around the tracker, in memory."""

    told: list[News] = field(default_factory=list)
    buried: list[DeadLetter] = field(default_factory=list)
    stored: dict[tuple[str, int], Kept] = field(default_factory=dict)

    async def message(self, stream: str, sequence: int) -> Kept | None:
        return self.stored.get((stream, sequence))

    async def record(self, news: News) -> None:
        self.told.append(news)

    async def bury(self, letter: DeadLetter) -> None:
        self.buried.append(letter)

    @property
    def tracker(self) -> Tracker:
        return Tracker(record=self.record, messages=self, bury=self.bury)


def letter(*, service: str, payload: bytes, **changed: Any) -> DeadLetter:
    return DeadLetter(
        **{
            "service": service,
            "subject": "cytolake.main.file.landed",
            "stream": "CYTOLAKE",
            "sequence": 3,
            "consumer": service,
            "deliveries": 3,
            "error_type": "ZeroDivisionError",
            "message": "division by zero\nand more",
            "payload": payload.decode(),
            "payload_encoding": "utf-8",
            "time": START,
            **changed,
        }
    )


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.noun_verb)
async def test_every_kind_of_event_is_recorded_in_words_about_its_runs(kind: type[Event]) -> None:
    around = Around()
    for body in valid_examples(kind.type_name()).values():
        await around.tracker.on_event(message(body))
    for news in around.told:
        assert (news.kind in STEPS) is (news.kind not in {"file.drifted", "file.progressed"})
        is_of_no_file = '"objects":[]' in news.data  # tables made anew from all of the lake
        assert bool(news.runs) is not is_of_no_file
        assert news.message.endswith(".")
        assert json.loads(news.data)


@pytest.mark.parametrize("body", [b"{}", b"no json", b'{"type": "org.cytolake.file.landed.v9"}'])
async def test_what_is_no_event_of_a_known_version_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableEventError):
        await Around().tracker.on_event(message(body))


def test_a_build_is_news_about_each_of_its_runs() -> None:
    event = example(MartLoaded)
    news = news_of_event(event, sequence=1)
    assert news.run_id is None
    assert set(news.runs) == {built.run_id for built in event.data.objects}


def test_a_rejection_keeps_its_code_and_its_sentence() -> None:
    event = example(FileRejected)
    news = news_of_event(event, sequence=1)
    assert news.reason is not None
    assert (news.reason.code, news.reason.message) == (event.data.reason_code, event.data.message)


async def test_a_dead_letter_fails_its_run_in_words() -> None:
    around, event = Around(), example(FileLanded)
    body = letter(service="converter", payload=event.to_bytes()).model_dump_json().encode()
    await around.tracker.on_dead(message(body, "dead.converter"))
    (news,) = around.told
    assert news.runs == (event.run_id,)
    assert news.reason is not None
    assert news.reason.code == ReasonCode.DEAD_LETTERED
    assert "ZeroDivisionError: division by zero." in news.message
    (moved,) = folded({r: Progress(run_id=r, standing=RECEIVED) for r in news.runs}, [news])
    assert moved.standing.state is State.FAILED
    assert moved.reason == news.reason


def test_a_dead_letter_of_a_build_is_about_all_its_runs() -> None:
    event = example(MartLoaded)
    news = news_of_letter(letter(service="mart-loader", payload=event.to_bytes()), sequence=1)
    assert set(news.runs) == {built.run_id for built in event.data.objects}


@pytest.mark.parametrize("payload", ["nonsense", "/w=="])
def test_a_dead_letter_of_nobody_s_message_is_kept_without_a_run(payload: str) -> None:
    dead = letter(service="intake", payload=payload.encode(), payload_encoding="base64")
    assert news_of_letter(dead, sequence=1).runs == ()


async def test_an_unreadable_dead_letter_does_not_come_round_for_ever() -> None:
    around = Around()
    await around.tracker.on_dead(message(b"{}", "dead.converter"))
    assert (around.told, around.buried) == ([], [])


@pytest.mark.parametrize("kept", [Kept(), None])
async def test_an_advisory_becomes_a_dead_letter_in_the_consumer_s_name(kept: Kept | None) -> None:
    around = Around(stored={("CYTOLAKE", 5): kept} if kept else {})
    advisory = {"stream": "CYTOLAKE", "consumer": "converter", "stream_seq": 5, "deliveries": 10}
    body = json.dumps(advisory).encode()
    await around.tracker.on_dead(message(body, f"{ADVISORIES}.CYTOLAKE.converter"))
    (dead,) = around.buried
    assert (dead.service, dead.consumer, dead.sequence) == ("converter", "converter", 5)
    assert dead.payload == ("/w==" if kept else "")
    assert dead.subject == (kept.subject if kept else "")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"stream": "CYTOLAKE", "stream_seq": "x"}'])
async def test_an_unreadable_advisory_is_let_go(body: bytes) -> None:
    around = Around()
    await around.tracker.on_dead(message(body, f"{ADVISORIES}.CYTOLAKE.converter"))
    assert around.buried == []


def test_late_news_of_rows_does_not_touch_the_reason() -> None:
    event = example(FileConverted)
    assert event.run_id is not None
    run = Progress(run_id=event.run_id, standing=STEPS["file.quarantined"])
    (moved,) = folded({event.run_id: run}, [news_of_event(event, sequence=1)])
    assert moved.rows == event.data.table.rows
    assert (moved.standing, moved.since, moved.reason) == (run.standing, None, None)


def test_news_of_unknown_runs_moves_nothing() -> None:
    assert folded({}, [news_of_event(example(FileLanded), sequence=1)]) == []
