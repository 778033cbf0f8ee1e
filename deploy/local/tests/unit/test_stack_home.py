"""A home keeps its ports, secrets and store; its files are private; its socket path is short."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path

import pytest

from cytolake.blueprint import Blueprint, StoreKind, chosen_store
from cytolake.bridge.cursor import FIRST_SECONDS, OVERLAP_SECONDS, Cursor
from cytolake.credentials import remembered_credentials
from cytolake.errors import StackError
from cytolake.home import Home
from cytolake.ports import RANGE, RANGE_VARIABLE, chosen_range, remembered_ports, require_free
from cytolake.processes import server_processes, service_processes
from cytolake.supervisor import configuration


def test_ports_and_secrets_are_chosen_once(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    assert remembered_ports(home) == remembered_ports(home)
    assert remembered_credentials(home) == remembered_credentials(home)
    ports = remembered_ports(home).values()
    assert len(set(ports)) == len(ports)
    assert set(ports) <= set(chosen_range())


def test_ports_are_chosen_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(RANGE_VARIABLE, raising=False)
    assert chosen_range() == RANGE
    monkeypatch.setenv(RANGE_VARIABLE, "40100-40199")
    assert set(remembered_ports(Home.at(tmp_path)).values()) <= set(range(40_100, 40_200))
    for wrong in ("40100", "a-b", "40199-40100", "60000-70000"):
        monkeypatch.setenv(RANGE_VARIABLE, wrong)
        with pytest.raises(StackError, match="must be like 20000-31999"):
            chosen_range()


def test_secrets_are_for_the_owner_only(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "new")
    remembered_credentials(home)
    assert stat.S_IMODE((home.root / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700


def test_secrets_do_not_show_in_a_log(tmp_path: Path) -> None:
    credentials = remembered_credentials(Home.at(tmp_path))
    assert credentials.operator_api_key not in f"{credentials!r} {credentials}"


def test_a_new_role_is_added_to_an_old_home(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    before = remembered_credentials(home)
    kept = json.loads((home.root / "secrets.json").read_text())
    del kept["postgres"]["reader"]
    (home.root / "secrets.json").write_text(json.dumps(kept))
    after = remembered_credentials(home)
    assert after.nats == before.nats
    assert after.postgres["reader"] not in {"", before.postgres["reader"]}


def test_a_taken_port_is_named_with_its_holder(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    ports = remembered_ports(home)
    require_free(ports, home)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", ports["nats"]))
        holder.listen()
        with pytest.raises(StackError, match=rf"port {ports['nats']} \(nats\) is held by process"):
            require_free(ports, home)


def test_a_long_home_has_a_short_socket(tmp_path: Path) -> None:
    home = Home.at(tmp_path / ("x" * 90))
    assert len(str(home.socket)) <= 90
    home.ready.rmdir()
    home.run.rmdir()


def test_two_cannot_start_one_home(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with home.locked(), pytest.raises(StackError, match="another cytolake command"):
        home.locked().__enter__()


def test_a_wish_that_differs_from_the_data_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path)
    assert chosen_store(home, StoreKind.SEAWEEDFS) is StoreKind.SEAWEEDFS
    assert chosen_store(home, None) is StoreKind.SEAWEEDFS
    monkeypatch.setenv("CYTOLAKE_STORE", "minio")
    with pytest.raises(StackError, match="a home keeps its store"):
        chosen_store(home, None)


def test_an_unknown_store_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYTOLAKE_STORE", "floppy")
    with pytest.raises(StackError, match="'floppy': it must be seaweedfs or minio"):
        chosen_store(Home.at(tmp_path), None)


def test_a_process_is_given_no_secret_but_its_own(tmp_path: Path) -> None:
    blueprint = Blueprint.of(Home.at(tmp_path), store=StoreKind.SEAWEEDFS)
    secrets = blueprint.credentials
    for process in service_processes(blueprint):
        given = " ".join(process.environment.values())
        others = [user for user in secrets.nats if user != process.name]
        assert not [user for user in others if secrets.nats[user] in given], process.name
        keys = [user for user in secrets.s3 if user != process.name]
        assert not [user for user in keys if secrets.s3[user].secret_key in given], process.name
        assert secrets.operator_api_key not in given


def test_no_secret_is_in_a_command(tmp_path: Path) -> None:
    blueprint = Blueprint.of(Home.at(tmp_path), store=StoreKind.SEAWEEDFS)
    processes = server_processes(blueprint) + service_processes(blueprint)
    commands = " ".join(" ".join(process.command) for process in processes)
    secrets = [*blueprint.credentials.nats.values(), *blueprint.credentials.postgres.values()]
    assert not [secret for secret in secrets if secret in commands]
    lines = configuration(blueprint.home, processes).splitlines()
    assert len([line for line in lines if line.startswith("[program:")]) == len(processes)


def test_the_cursor_resumes_with_an_overlap(tmp_path: Path) -> None:
    cursor = Cursor(tmp_path / "cursor")
    assert cursor.seconds_ago(now_ns=10**18) == FIRST_SECONDS
    cursor.advance(10**18 - 5 * 10**9)
    assert cursor.seconds_ago(now_ns=10**18) == 5.0 + OVERLAP_SECONDS
