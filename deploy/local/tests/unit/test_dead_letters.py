"""Reading dead letters and sending their messages again, on a stream that is a list."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest

from cytolake.dead_letters import (
    NoSuchLetterError,
    Replay,
    StoredLetter,
    letter,
    letters,
    replay_of,
)
from cytolake_contracts import DeadLetter, LakeBuilt, LakeBuiltData, read_event
from cytolake_contracts.payloads import BuiltObject

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
EVENT = LakeBuilt.of_build(
    LakeBuiltData(
        build_no=1,
        snapshot_id=4,
        objects=(
            BuiltObject(
                object_id=UUID(int=1),
                run_id=UUID(int=2),
                run_no=1,
                announcement=3,
                dataset="measurement",
                rows=5,
                site="main",
            ),
        ),
        marts={},
    ),
    site="main",
)


@dataclass
class ListedStream:
    """Letters by number, with gaps, as a stream has them."""

    stored: dict[int, DeadLetter]
    published: list[Replay] = field(default_factory=list)

    async def read(self, number: int) -> StoredLetter | None:
        later = [n for n in sorted(self.stored) if n >= number]
        return StoredLetter(later[0], self.stored[later[0]]) if later else None

    async def publish(self, replay: Replay) -> None:
        self.published.append(replay)


def dead(payload: bytes, *, subject: str = "cytolake.main.lake.built") -> DeadLetter:
    return DeadLetter(
        service="mart-loader",
        subject=subject,
        stream="CYTOLAKE",
        sequence=12,
        consumer="mart-loader",
        deliveries=3,
        error_type="KeyError",
        message="'vcd'",
        payload=base64.b64encode(payload).decode(),
        payload_encoding="base64",
        headers={"traceparent": TRACE, "Nats-Msg-Id": "old"},
        time=datetime(2026, 3, 2, tzinfo=UTC),
    )


async def test_letters_come_oldest_first_over_gaps() -> None:
    stream = ListedStream({9: dead(b"x"), 2: dead(b"y")})
    assert [stored.number async for stored in letters(stream)] == [2, 9]


async def test_a_number_between_letters_is_not_the_next_one() -> None:
    with pytest.raises(NoSuchLetterError, match="no dead letter 3"):
        await letter(ListedStream({2: dead(b"x"), 9: dead(b"y")}), 3)


def test_an_event_goes_out_under_its_next_announcement() -> None:
    replay = replay_of(StoredLetter(2, dead(EVENT.to_bytes())), attempt="a")
    again = read_event(replay.body)
    assert (again.id, again.announcement) == (EVENT.id, EVENT.announcement + 1)
    assert replay.subject == EVENT.nats_subject
    assert replay.headers["traceparent"] == TRACE


def test_two_attempts_have_two_message_ids() -> None:
    stored = StoredLetter(2, dead(EVENT.to_bytes()))
    ids = {replay_of(stored, attempt=attempt).headers["Nats-Msg-Id"] for attempt in "ab"}
    assert len(ids) == 2
    assert "old" not in ids


def test_what_is_no_event_goes_out_as_it_came() -> None:
    stored = StoredLetter(5, dead(b"\xff not json", subject="store.inbound"))
    replay = replay_of(stored, attempt="a")
    assert (replay.subject, replay.body) == ("store.inbound", b"\xff not json")
