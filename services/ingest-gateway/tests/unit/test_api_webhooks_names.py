"""Under which name a webhook is stored, whatever its sender calls it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cytolake_ingest_gateway.api.webhooks.inbox import key_of


@pytest.mark.parametrize("webhook_id", ["a/b", "%2e%2e", "../up", "é", "i" * 300, "a~_-b"])
def test_every_id_gives_one_safe_name(webhook_id: str) -> None:
    key = key_of("acme", webhook_id, datetime(2026, 11, 27, tzinfo=UTC))
    prefix = "lims/acme/2026/11/27/"
    assert key.startswith(prefix)
    name = key.removeprefix(prefix)
    assert "/" not in name
    assert name not in {".", ".."}
    assert len(name) < 220
