"""Run the bridge: `python -m cytolake.bridge`."""

import asyncio

from cytolake.bridge.app import run
from cytolake.bridge.settings import BridgeSettings

if __name__ == "__main__":
    asyncio.run(run(BridgeSettings()))
