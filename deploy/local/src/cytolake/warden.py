"""Keep the broker provisioned while the stack runs: `python -m cytolake.warden`.

A broker that lost its disk comes back without streams and durables. Services may not make
them; intake announces every open run again once they are there.
"""

from __future__ import annotations

import asyncio
import logging

from nats.errors import Error as NatsError

from cytolake.provision.streams import is_whole, provision_streams, provisioner
from cytolake_runtime.ready import announce_ready, configure_logging
from cytolake_runtime.settings import ServiceSettings

INTERVAL_SECONDS = 1.0
log = logging.getLogger(__name__)


async def watch(settings: ServiceSettings) -> None:
    """Look once a second, by one request; runs until it is stopped."""
    configure_logging(settings.log_level)
    announce_ready(settings.ready_file)
    url, password = settings.nats_url, settings.nats_password.get_secret_value()
    while True:
        try:
            async with provisioner(url, password) as jetstream:
                while await is_whole(jetstream):  # noqa: ASYNC110 (a broker has no such event)
                    await asyncio.sleep(INTERVAL_SECONDS)
            log.warning("streams or durables are missing: provisioning the broker again")
            await provision_streams(url, password)
        except (OSError, NatsError, TimeoutError) as fault:
            log.info("the broker does not answer: %r", fault)
            await asyncio.sleep(INTERVAL_SECONDS)


if __name__ == "__main__":
    asyncio.run(watch(ServiceSettings()))
