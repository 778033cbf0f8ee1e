"""The outcome of a message, for each thing that a handler may raise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cytolake_contracts import DeadLetter, UnreadableEventError
from cytolake_runtime import Retryable
from cytolake_runtime.outcomes import Outcomes, retry_delay_seconds
from cytolake_runtime.topology import MAX_DELIVER


@dataclass
class FakeMsg:
    """A nats-py message that remembers what was done with it."""

    deliveries: int = 1
    consumer: str = "validator"
    data: bytes = b"{}"
    subject: str = "cytolake.main.file.converted"
    headers: dict[str, str] | None = None
    done: list[str] = field(default_factory=list)

    @property
    def metadata(self) -> Any:
        return SimpleNamespace(
            stream="CYTOLAKE",
            consumer=self.consumer,
            num_delivered=self.deliveries,
            sequence=SimpleNamespace(stream=5),
            timestamp=datetime.now(UTC),
        )

    async def ack(self) -> None:
        self.done.append("ack")

    async def term(self) -> None:
        self.done.append("term")

    async def nak(self, delay: float) -> None:
        self.done.append(f"nak {delay}")


class Letters:
    """A dead-letter sender that keeps them, or is away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.sent: list[DeadLetter] = []
        self.is_away = is_away

    async def __call__(self, letter: DeadLetter) -> None:
        if self.is_away:
            msg = "broker away"
            raise Retryable(msg)
        self.sent.append(letter)


async def settle(msg: FakeMsg, error: BaseException | None, letters: Letters) -> None:
    await Outcomes("validator", letters).settle(msg, error)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deliveries", "error", "done", "letters"),
    [
        (1, None, ["ack"], 0),
        (1, Retryable("away"), ["nak 0.25"], 0),
        (4, Retryable("away"), ["nak 2.0"], 0),
        (MAX_DELIVER, Retryable("away"), ["term"], 0),
        (1, UnreadableEventError("no event"), ["term"], 1),
        (1, RuntimeError("bug"), ["nak 0.25"], 0),
        (3, RuntimeError("bug"), ["term"], 1),
    ],
)
async def test_outcome(
    deliveries: int, error: Exception | None, done: list[str], letters: int
) -> None:
    msg, sender = FakeMsg(deliveries=deliveries), Letters()
    await settle(msg, error, sender)
    assert msg.done == done
    assert len(sender.sent) == letters


async def test_watchers_never_let_go() -> None:
    msg = FakeMsg(deliveries=500, consumer="lineage")
    await settle(msg, Retryable("away"), Letters())
    assert msg.done == ["nak 30.0"]


async def test_a_dead_letter_carries_the_message_whole_and_why() -> None:
    sender = Letters()
    msg = FakeMsg(deliveries=3, data=b"\xff\xfe", headers={"traceparent": "00-…"})
    await settle(msg, RuntimeError("division of nothing"), sender)
    letter = sender.sent[0]
    assert (letter.payload, letter.payload_encoding) == ("//4=", "base64")
    assert (letter.service, letter.stream, letter.sequence) == ("validator", "CYTOLAKE", 5)
    assert "division of nothing" in (letter.traceback or "")
    assert letter.headers == {"traceparent": "00-…"}


async def test_a_message_is_not_ended_while_its_dead_letter_is_not_stored() -> None:
    msg = FakeMsg(deliveries=3)
    await settle(msg, RuntimeError("bug"), Letters(is_away=True))
    assert msg.done == []


def test_delays_grow_and_are_bounded() -> None:
    delays = [retry_delay_seconds(deliveries) for deliveries in range(1, 2000)]
    assert delays == sorted(delays)
    assert delays[0] == 0.25
    assert delays[-1] == 30.0
