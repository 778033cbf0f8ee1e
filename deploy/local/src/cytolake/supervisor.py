"""supervisord: its configuration, its start, and its XML-RPC interface on a Unix socket."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from cytolake import binaries
from cytolake.errors import StackError
from cytolake.home import Home
from cytolake.process import Process

ALREADY_STARTED, NOT_RUNNING = 60, 70
SHUTDOWN_SECONDS = 40
INHERITED = ("PATH", "HOME", "TMPDIR", "TZ", "SSL_CERT_FILE")
TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
}


@dataclass(frozen=True, slots=True)
class Supervised:
    """What supervisord says of one process; times are Unix seconds."""

    name: str
    pid: int
    state: str
    since: int
    exit_status: int


class Supervisor:
    """One supervisord, reached through its home's socket."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self._home.logs / "supervisor.log"

    def is_running(self) -> bool:
        """Tell whether a supervisord answers on the home's socket."""
        try:
            self._call("getState")
        except StackError:
            return False
        return True

    def launch(self, processes: Sequence[Process], *, is_attached: bool) -> None:
        """Start supervisord with nothing running under it.

        Attached, it ends when this process does; detached, it stays.
        """
        self._reap()
        config = self._home.write_private(
            self._home.etc / "supervisord.conf", configuration(self._home, processes)
        )
        command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(config)]
        if is_attached:
            command = binaries.guarded(command, stop_signal="TERM")
        with (self._home.logs / "supervisord.out").open("ab") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._home.root,
                env=base_environment(),
                start_new_session=True,
            )

    def start(self, name: str) -> None:
        """Ask for a start; one that runs already is fine."""
        self._call("startProcess", name, False, tolerated=ALREADY_STARTED)  # noqa: FBT003

    def stop(self, name: str) -> None:
        """Ask for a stop, without waiting; one that does not run is fine."""
        self._call("stopProcess", name, False, tolerated=NOT_RUNNING)  # noqa: FBT003

    def shut_down(self) -> None:
        """Ask supervisord to stop what still runs and to end, and wait for that."""
        self._call("shutdown")
        self._reap()

    def _reap(self) -> None:
        """Take note of the end of a supervisord that this very object launched."""
        if self._child is not None:
            self._child.wait(timeout=SHUTDOWN_SECONDS)

    def processes(self) -> dict[str, Supervised]:
        """Return every process by name."""
        return {
            info["name"]: Supervised(
                name=info["name"],
                pid=info["pid"],
                state=info["statename"],
                since=info["start"] or info["stop"],
                exit_status=info["exitstatus"],
            )
            for info in self._call("getAllProcessInfo")
        }

    def running(self) -> set[str]:
        """Return the names of those that have a process, starting and stopping ones included."""
        states = {"STARTING", "RUNNING", "STOPPING", "BACKOFF"}
        return {one.name for one in self.processes().values() if one.state in states}

    def starts(self) -> dict[str, int]:
        """Count how often each process was started since supervisord was."""
        counts: dict[str, int] = {}
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        for line in text.rpartition("supervisord started with pid")[2].splitlines():
            if "spawned: '" in line:
                name = line.split("spawned: '", 1)[1].split("'", 1)[0]
                counts[name] = counts.get(name, 0) + 1
        return counts

    def _call(self, method: str, *arguments: object, tolerated: int = -1) -> Any:  # noqa: ANN401
        transport = SupervisorTransport(None, None, f"unix://{self._home.socket}")
        try:
            server = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(server.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != tolerated:
                raise StackError(f"supervisord refused {method}: {fault.faultString}") from fault
            return None
        except (OSError, HTTPException, xmlrpc.client.ProtocolError) as error:
            raise StackError(f"no supervisord answers in {self._home.root}") from error
        finally:
            transport.close()


def base_environment() -> dict[str, str]:
    """Return what every process of ours inherits; everything else it is given by name."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | TELEMETRY_OFF | {"LANG": "C.UTF-8"}


def configuration(home: Home, processes: Sequence[Process]) -> str:
    """Return supervisord's ini file: nothing starts by itself, everything is restarted."""
    head = f"""[supervisord]
logfile={home.logs / "supervisor.log"}
pidfile={home.run / "supervisord.pid"}
childlogdir={home.logs}
minfds=1024
[unix_http_server]
file={home.socket}
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
    return head + "".join(_program(home, process) for process in processes)


def _program(home: Home, process: Process) -> str:
    command = binaries.guarded(
        list(process.command),
        stop_signal=process.stop_signal,
        namespace=process.is_namespaced,
    )
    environment = ",".join(
        f'{name}="{_escaped(value)}"' for name, value in process.environment.items()
    )
    return f"""[program:{process.name}]
command={_escaped(shlex.join(command))}
environment={environment}
directory={process.directory or home.root}
priority={int(process.stage)}
autostart=false
autorestart=true
startsecs=1
startretries=50
stopsignal={process.stop_signal}
stopwaitsecs=20
stopasgroup={_flag(is_on=process.stop_signal != "INT")}
killasgroup=true
redirect_stderr=true
stdout_logfile={home.logs / process.name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
"""


def _escaped(text: str) -> str:
    """Escape `%`, which supervisor expands in every value."""
    return text.replace("%", "%%")


def _flag(*, is_on: bool) -> str:
    return "true" if is_on else "false"
