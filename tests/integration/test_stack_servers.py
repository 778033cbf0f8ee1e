"""The servers of one machine: provisioned, guarded, and whole again after each loss."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.stack import Servers

pytestmark = pytest.mark.integration


def test_servers_are_ready(servers: Servers) -> None:
    states = {one.name: one.state for one in servers.stack.processes()}
    assert states == dict.fromkeys(("postgres", "nats", "store", "bridge", "warden"), "ready")


def test_intake_owns_its_schema_and_api_reads_it(servers: Servers) -> None:
    with psycopg.connect(servers.dsn("intake"), autocommit=True) as intake:
        intake.execute("create table intake.stack_probe (x int)")
        intake.execute("insert into intake.stack_probe values (1)")
        with psycopg.connect(servers.dsn("api"), autocommit=True) as api:
            assert api.execute("select x from intake.stack_probe").fetchone() == (1,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                api.execute("insert into intake.stack_probe values (2)")
        intake.execute("drop table intake.stack_probe")
