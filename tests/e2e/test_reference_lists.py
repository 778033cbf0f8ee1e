"""A master list as a file, and one as a table of a database: in the lake and in the marts."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.e2e.site import Site
from tests.e2e.test_commands import cytolake
from tests.e2e.test_tutorial import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SUPPLIERS = ROOT / "docs" / "examples" / "SYNTHETIC-suppliers.csv"
ERP = """
layout: {name}
title: storage places of the ERP
dataset: reference
constants: {{list_name: {name}}}
columns:
  - {{name: code, headers: [place_id], must: true}}
  - {{name: name, headers: [label], must: true}}
  - {{name: parent_code, headers: [room]}}
"""


def entries(site: Site, *, source: str) -> list[tuple[Any, ...]]:
    """Return what the marts hold of a source's lists."""
    with psycopg.connect(site.environment["CYTOLAKE_MARTS_DSN"]) as db:
        return db.execute(
            "select list_name, code, name, is_active from marts.mart_reference"
            " where file_key like %s order by code",
            [f"{source}/%"],
        ).fetchall()


def watched(site: Site, source: str, folder: Path) -> None:
    """Send what is in a folder under keys of its own, and wait for its end."""
    done = cytolake(site, "watch", str(folder), "--source", source, "--once", "--settle", "0.2")
    assert (done.returncode, "loaded" in done.stderr) == (0, True), done.stderr


def test_a_corrected_list_takes_the_place_of_the_one_before(site: Site, tmp_path: Path) -> None:
    source = f"suppliers-{uuid4().hex[:8]}"
    assert cytolake(site, "source", "add", source, "--layout", "reference_list").returncode == 0
    own = tmp_path / "lists" / "suppliers.csv"
    own.parent.mkdir()
    own.write_bytes(SUPPLIERS.read_bytes().replace(b"S1", source.encode()))
    watched(site, source, own.parent)
    assert [row[1:] for row in entries(site, source=source)] == [
        ("S2", "SYNTHETIC Media", True),
        ("S3", "SYNTHETIC Beads", False),
        (source, "SYNTHETIC Vector Works", True),
    ]
    lines = own.read_text().splitlines()
    own.write_text("\n".join([lines[0], lines[2].replace("Media", "Media Ltd")]))
    watched(site, source, own.parent)
    assert entries(site, source=source) == [("supplier", "S2", "SYNTHETIC Media Ltd", True)]


def test_a_table_of_a_database_becomes_a_list(site: Site, tmp_path: Path) -> None:
    name = f"places_{uuid4().hex[:8].translate(str.maketrans('0123456789', 'ghijklmnop'))}"
    layout = tmp_path / f"{name}.layout.yaml"
    layout.write_text(ERP.format(name=name))
    assert cytolake(site, "layout", "add", str(layout)).returncode == 0
    assert cytolake(site, "source", "add", name, "--layout", name).returncode == 0
    dsn = site.stack.blueprint.dsn("postgres")
    access, _, place = dsn.removeprefix("postgresql://").rpartition("@")
    user, _, password = access.partition(":")
    words = ["pull", f"postgresql://{user}@{place}", "--source", name, "--table", f"erp.{name}"]

    def pulled() -> list[str]:
        done = cytolake(site, *words, "--password-stdin", "--json", given=f"{password}\n")
        assert done.returncode == 0, done.stderr
        return [line.split('"')[3] for line in done.stdout.splitlines()]

    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("create schema if not exists erp")
        db.execute(f"create table erp.{name} (place_id text primary key, label text, room text)")
        db.execute(f"insert into erp.{name} values ('F2', 'SYNTHETIC freezer', 'R1')")
        assert pulled() == ["sent"]
        assert pulled() == ["known"]
        key = f"{name}/erp.{name}.csv"
        site.until_seen(lambda: entries(site, source=name), lambda found: len(found) == 1)
        db.execute(f"update erp.{name} set label = 'SYNTHETIC freezer 2'")
        assert pulled() == ["sent"]
        wanted = [(name, "F2", "SYNTHETIC freezer 2", None)]
        site.until_seen(lambda: entries(site, source=name), lambda found: found == wanted)
    assert [one.state for one in site.gateway.files(key=key)] == ["loaded", "superseded"]
