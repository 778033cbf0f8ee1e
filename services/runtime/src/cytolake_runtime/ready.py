"""What any process says of itself: its log lines, and that it is ready.

Apart from `service`, so that a process without a bus does not import one.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path


def configure_logging(level: str) -> None:
    """Log lines to stderr, times in UTC ISO 8601."""
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    for chatty in ("botocore", "boto3", "urllib3", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It logs a traceback for each attempt to reconnect; the bus says it in one line.
    logging.getLogger("nats").setLevel(logging.CRITICAL)


def announce_ready(ready_file: Path | None) -> None:
    """Write the ready file: the process id of who is ready, and since when (UTC)."""
    if ready_file is None:
        return
    told = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat()}
    ready_file.parent.mkdir(parents=True, exist_ok=True)
    partial = ready_file.with_suffix(".partial")
    partial.write_text(json.dumps(told))
    partial.replace(ready_file)


def withdraw_ready(ready_file: Path | None) -> None:
    """Remove the ready file: not ready (yet, or any more)."""
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
