"""How long a LIMS waits for the answer to a webhook; when it comes, the object is stored."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from uuid import uuid4

from cytolake.client import Gateway
from cytolake.client_lims import LimsClient

LIMS = "syn-bench"


def webhook_seconds(gateway: Gateway, count: int, *, per_second: float) -> list[float]:
    """Send synthetic events at fixed times, as files are dropped; return what each took.

    One after the other without a pause, they would be a backlog of files: each becomes one.
    """
    client = LimsClient(gateway)
    client.add({"name": LIMS})
    secret = client.rotate(LIMS, None)["key"]
    client.retire(LIMS)
    _send(client, secret)  # the first one opens connections
    start = time.monotonic()
    took = []
    for number in range(count):
        time.sleep(max(0.0, start + number / per_second - time.monotonic()))
        took.append(_send(client, secret))
    return took


def _send(client: LimsClient, secret: str) -> float:
    webhook_id = f"syn_{uuid4().hex}"
    event = {
        "type": "lims.result.verified",
        "timestamp": datetime.now(UTC).isoformat(),
        "data": {"label": "SYNTHETIC", "sample_id": webhook_id, "attribute": "viability"},
    }
    body = json.dumps(event).encode()
    began = time.perf_counter()
    client.send(LIMS, body, secret=secret, webhook_id=webhook_id)
    return time.perf_counter() - began
