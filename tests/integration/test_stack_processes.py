"""The stack's processes and their parent: nothing outlives it, and the next start is clean."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cytolake.stack import Stack

pytestmark = pytest.mark.integration
# Brings servers up as `cytolake up` in the foreground does, tells their ids, and stays.
FOREGROUND = """
import json, sys, threading
from cytolake.stack import Stack
stack = Stack(sys.argv[1], store="seaweedfs", services=lambda blueprint: [])
stack.up(is_attached=True)
print(json.dumps([one.pid for one in stack.processes()]), flush=True)
threading.Event().wait()
"""


def test_whoever_is_killed_leaves_no_server_and_the_next_start_is_clean(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FOREGROUND, str(tmp_path)], stdout=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        servers = [psutil.Process(pid) for pid in json.loads(command.stdout.readline())]
        command.kill()
    require_gone(servers)
    stack = Stack(tmp_path, services=lambda _blueprint: [])
    stack.up(is_attached=True)
    assert {one.state for one in stack.processes()} == {"ready"}
    servers = [psutil.Process(one.pid) for one in stack.processes()]
    os.kill(servers[0].ppid(), signal.SIGKILL)  # the supervisor
    require_gone(servers)
    assert not stack.is_running
    stack.up(is_attached=True)
    assert {one.state for one in stack.processes()} == {"ready"}
    stack.down()


def require_gone(servers: list[psutil.Process]) -> None:
    """Fail unless all end by themselves."""
    psutil.wait_procs(servers, timeout=60)
    assert [server for server in servers if server.is_running()] == []
