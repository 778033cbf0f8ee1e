"""Follow the filer's event log through `weed filer.meta.tail`."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from cytolake import binaries

# The tail matches by prefix, so this takes in `inbound-probe` as well.
PATH_PREFIX = "/buckets/inbound"
LINE_LIMIT_BYTES = 64 * 1_048_576  # a small file's bytes may stand in its event, base64
log = logging.getLogger(__name__)


async def events(filer: str, *, since_seconds: float) -> AsyncIterator[dict[str, Any]]:
    """Yield every event from so long ago on; end when the filer goes away."""
    tail = await _start(filer, since_seconds)
    output = tail.stdout or asyncio.StreamReader()
    lines: list[bytes] = []
    try:
        async for line in output:
            lines.append(line)
            # Objects are printed over many indented lines; only their last is a bare brace.
            if line.rstrip() == b"}":
                yield json.loads(b"".join(lines))
                lines.clear()
        log.warning("the filer's event log ended: %s", b"".join(lines).decode().strip())
    finally:
        with suppress(ProcessLookupError):
            tail.kill()
        await tail.wait()


async def _start(filer: str, since_seconds: float) -> asyncio.subprocess.Process:
    command = [
        *(str(binaries.weed()), "-logtostderr", "filer.meta.tail", f"-filer={filer}"),
        *(f"-pathPrefix={PATH_PREFIX}", f"-timeAgo={since_seconds:.3f}s"),
    ]
    return await asyncio.create_subprocess_exec(
        *binaries.guarded(command, stop_signal="KILL"),
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT_BYTES,
    )
