"""`cytolake pull` against real servers: an S3 bucket, an SFTP server, PostgreSQL's tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import asyncssh
import psycopg
import pytest

from cytolake.errors import StackError
from cytolake.pulls.elsewhere import Access, ElsewhereError
from cytolake.pulls.files import WantedFiles, fetched
from tests.support.stack import Servers

pytestmark = [pytest.mark.integration]
NUMBERS = count(1)
USER, PASSWORD = "synthetic", "not-a-secret"


class Inbound:
    """One source's part of the inbound bucket, and pulls into it."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.source = f"pulled{next(NUMBERS)}"

    def pull(self, url: str, **wanted: Any) -> dict[str, str]:
        """Pull; return what became of each file."""
        access = Access(**wanted.pop("access", {}))
        waits = {"wait": wanted.pop("wait")} if "wait" in wanted else {}
        one = WantedFiles(url=url, source=self.source, access=access, settle_seconds=0.3, **wanted)
        news = fetched(self.servers.stack, one, lambda *_: None, **waits)
        return {one.path: f"{one.kind} {one.message}".strip() for one in news}

    def bodies(self) -> dict[str, list[bytes]]:
        """Return the versions of every file, newest first."""
        s3 = self.servers.s3()
        found: dict[str, list[bytes]] = {}
        listed = s3.list_object_versions(Bucket="inbound", Prefix=f"{self.source}/")
        for one in listed.get("Versions", []):
            body = s3.get_object(Bucket="inbound", Key=one["Key"], VersionId=one["VersionId"])
            path = one["Key"].removeprefix(f"{self.source}/")
            found.setdefault(path, []).append(body["Body"].read())
        return found


@pytest.fixture
def inbound(servers: Servers) -> Inbound:
    return Inbound(servers)


@pytest.fixture
def bucket(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, dict[str, str]]:
    """A bucket elsewhere, and the access to it: a profile of AWS's configuration."""
    name, key = f"elsewhere{next(NUMBERS)}", servers.stack.blueprint.credentials.s3["admin"]
    servers.s3().create_bucket(Bucket=name)
    file = tmp_path / "credentials"
    file.write_text(
        f"[lab]\naws_access_key_id = {key.access_key}\naws_secret_access_key = {key.secret_key}\n"
        "region = us-east-1\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    return name, {"profile": "lab", "endpoint": servers.stack.blueprint.s3_endpoint}


def test_an_s3_bucket_each_object_once(
    servers: Servers, inbound: Inbound, bucket: tuple[str, dict[str, str]]
) -> None:
    (name, access), s3 = bucket, servers.s3()
    for path in ("run/a.csv", "run/deep/b.csv", "run/c.tmp", "other/d.csv"):
        s3.put_object(Bucket=name, Key=path, Body=f"SYNTHETIC {path}".encode())
    s3.put_object(Bucket=name, Key="run/empty.csv", Body=b"")
    url = f"s3://{name}/run"
    assert inbound.pull(url, access=access) == {"a.csv": "sent", "deep/b.csv": "sent"}
    assert inbound.pull(url, access=access) == {}
    assert inbound.bodies() == {
        "a.csv": [b"SYNTHETIC run/a.csv"],
        "deep/b.csv": [b"SYNTHETIC run/deep/b.csv"],
    }
    s3.put_object(Bucket=name, Key="run/a.csv", Body=b"SYNTHETIC corrected")
    assert inbound.pull(url, access=access) == {"a.csv": "sent"}
    assert inbound.bodies()["a.csv"] == [b"SYNTHETIC corrected", b"SYNTHETIC run/a.csv"]


def test_a_bucket_that_is_not_there(inbound: Inbound, bucket: tuple[str, dict[str, str]]) -> None:
    _, access = bucket
    with pytest.raises(ElsewhereError, match=r"refuses .NoSuchBucket.*check its name"):
        inbound.pull("s3://nowhere-at-all", access=access)
    with pytest.raises(ElsewhereError, match="cannot be reached"):
        inbound.pull("s3://nowhere", access=access | {"endpoint": "http://127.0.0.1:9"})


class Sftp:
    """A running SFTP server: its folder, its address, and a file that knows its key."""

    def __init__(self, folder: Path, port: int, known_hosts: Path) -> None:
        self.folder, self.port = folder, port
        self.url = f"sftp://{USER}@127.0.0.1:{port}/exports"
        self.access = {"password": PASSWORD, "known_hosts": known_hosts}


class Doorman(asyncssh.SSHServer):
    """Lets one user in."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@pytest.fixture
async def sftp(tmp_path: Path) -> AsyncIterator[Sftp]:
    folder, key = tmp_path / "served", asyncssh.generate_private_key("ssh-ed25519")
    (folder / "exports" / "day").mkdir(parents=True)
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Doorman, server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=bytes(folder)),
    )  # fmt: skip
    known = tmp_path / "known_hosts"
    line = key.export_public_key().decode()
    known.write_text(f"[127.0.0.1]:{server.get_port()} {line}")
    yield Sftp(folder / "exports", server.get_port(), known)
    server.close()
    await server.wait_closed()


async def test_an_sftp_server_each_file_once(inbound: Inbound, sftp: Sftp) -> None:
    (sftp.folder / "a.csv").write_text("SYNTHETIC a")
    (sftp.folder / "day" / "b é.csv").write_text("SYNTHETIC b")
    (sftp.folder / "day" / "c.csv.part").write_text("half of it")
    (sftp.folder / "link.csv").symlink_to(sftp.folder / "a.csv")

    async def pull() -> dict[str, str]:
        return await asyncio.to_thread(inbound.pull, sftp.url, access=sftp.access)

    assert await pull() == {"a.csv": "sent", "day/b é.csv": "sent"}
    assert await pull() == {}
    assert inbound.bodies() == {"a.csv": [b"SYNTHETIC a"], "day/b é.csv": [b"SYNTHETIC b"]}
    (sftp.folder / "a.csv").touch()
    assert set((await pull()).values()) <= {"known"}
    assert len(inbound.bodies()["a.csv"]) == 1


async def test_a_file_that_is_still_written_waits(inbound: Inbound, sftp: Sftp) -> None:
    growing = sftp.folder / "growing.csv"
    growing.write_text("one line\n")
    (sftp.folder / "whole.csv").write_text("SYNTHETIC whole")

    def wait(*_: object) -> None:
        with growing.open("a") as file:
            file.write("another\n")

    told = await asyncio.to_thread(inbound.pull, sftp.url, access=sftp.access, wait=wait)
    assert told == {"growing.csv": "busy still being written", "whole.csv": "sent"}
    assert set(inbound.bodies()) == {"whole.csv"}


async def test_a_server_that_is_not_the_known_one_is_not_spoken_to(
    inbound: Inbound, sftp: Sftp, tmp_path: Path
) -> None:
    async def refused(**access: Any) -> str:
        with pytest.raises(ElsewhereError) as told:
            await asyncio.to_thread(inbound.pull, sftp.url, access=sftp.access | access)
        return str(told.value)

    nobody = tmp_path / "nobody"
    nobody.touch()
    assert "host key of 127.0.0.1 is not known" in await refused(known_hosts=nobody)
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    changed = tmp_path / "changed"
    changed.write_text(f"[127.0.0.1]:{sftp.port} {other}")
    assert "its host key has changed" in await refused(known_hosts=changed)
    assert "refuses this user" in await refused(password="wrong")


def test_a_table_is_one_file_and_a_new_version_when_a_row_changed(
    servers: Servers, inbound: Inbound
) -> None:
    dsn = servers.dsn()
    address, _, place = dsn.partition("://")[2].rpartition("@")
    user, _, password = address.partition(":")
    url, access = (
        f"postgresql://{user}@{place}",
        {"password": password, "tables": ("lab.supplier",)},
    )
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("create schema if not exists lab")
        db.execute("drop table if exists lab.supplier")
        db.execute(
            "create table lab.supplier (code text primary key, name text, since timestamptz)"
        )
        db.execute(
            "insert into lab.supplier values"
            " ('S2', 'SYNTHETIC, \"quoted\"', '2026-01-02 03:04+02'), ('S1', null, null)"
        )
        assert inbound.pull(url, access=access) == {"lab.supplier.csv": "sent"}
        assert inbound.bodies()["lab.supplier.csv"] == [
            b'code,name,since\nS1,,\nS2,"SYNTHETIC, ""quoted""",2026-01-02 01:04:00+00\n'
        ]
        assert inbound.pull(url, access=access) == {"lab.supplier.csv": "known"}
        db.execute("delete from lab.supplier where code = 'S2'")
        assert inbound.pull(url, access=access) == {"lab.supplier.csv": "sent"}
        assert len(inbound.bodies()["lab.supplier.csv"]) == 2
    missing = inbound.pull(url, access=access | {"tables": ('lab."; drop table x',)})
    assert [word.split(" or")[0] for word in missing.values()] == [
        "away there is no table 'lab.\"; drop table x',"
    ]
    with pytest.raises(StackError, match="refuses or is not there"):
        inbound.pull(url, access=access | {"password": "wrong"})
