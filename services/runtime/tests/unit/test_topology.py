"""Rights on the broker: deny by default, no right to change anything."""

from __future__ import annotations

import pytest

from cytolake_runtime.topology import DURABLES, PUBLISHES, STREAMS, permissions


@pytest.mark.parametrize("user", PUBLISHES)
def test_nobody_may_change_a_stream_or_a_consumer(user: str) -> None:
    for subject in permissions(user)["publish"]:
        for verb in ("CREATE", "DELETE", "PURGE", "UPDATE", "RESTORE"):
            assert verb not in subject


@pytest.mark.parametrize("user", PUBLISHES)
def test_a_user_hears_its_own_inbox_only(user: str) -> None:
    # MinIO's client knows only the default inbox; nobody else uses that one.
    inbox = "_INBOX.>" if user == "store" else f"_INBOX_{user}.>"
    assert permissions(user)["subscribe"] == [inbox]


def test_every_durable_is_of_a_known_stream_and_user() -> None:
    assert {durable.stream for durable in DURABLES} <= {stream.name for stream in STREAMS}
    assert {durable.user for durable in DURABLES} <= set(PUBLISHES)


def test_only_the_operator_may_say_what_another_service_says() -> None:
    for user, subjects in PUBLISHES.items():
        if user != "operator":
            assert not any(subject == "cytolake.>" for subject in subjects), user
