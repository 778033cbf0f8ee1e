"""`cytolake watch` as a process: a folder's files in the lake, each once, whatever happens."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cytolake.provision.buckets import admin_client
from cytolake.synthetic import grow
from cytolake.synthetic.files import count_file
from cytolake_watch.book import Book
from tests.e2e.batches import fresh_batch
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
LARGE_BYTES = 96 << 20
SOURCE = "syn-vicell"


def watching(site: Site, folder: Path, book: Path) -> subprocess.Popen[str]:
    """Start the command that stands alone, with what `cytolake env` gives."""
    command = [sys.executable, "-m", "cytolake_watch", str(folder), "--source", SOURCE]
    return subprocess.Popen(
        [*command, "--settle", "0.2", "--state", str(book), "--once", "--json"],
        env={**os.environ, **site.environment},
        stdout=subprocess.PIPE,
        text=True,
    )


def versions(site: Site, key: str) -> list[str]:
    """Return the version ids of a key."""
    s3 = admin_client(site.stack.blueprint)
    found = s3.list_object_versions(Bucket="inbound", Prefix=key).get("Versions", [])
    return [version["VersionId"] for version in found]


def parts_in(book: Path) -> int:
    """Return how many parts of `large.bin` the book knows."""
    if not book.exists():
        return 0
    with Book(book) as opened:
        begun = opened.sending("day/large.bin")
    return len(begun.etags) if begun else 0


def test_killed_in_a_large_file_and_started_again_every_file_is_there_once(
    site: Site, tmp_path: Path
) -> None:
    folder, book = tmp_path / "exports", tmp_path / "book.sqlite"
    (folder / "day").mkdir(parents=True)
    file = count_file(grow(5, number=fresh_batch()).points[3])
    (folder / "day" / file.name).write_bytes(file.body)
    block = hashlib.sha256(file.body).digest() * 32_768
    large = folder / "day" / "large.bin"
    with large.open("wb") as made:
        made.writelines(block for _ in range(LARGE_BYTES // len(block)))

    first = watching(site, folder, book)
    site.until_seen(lambda: parts_in(book), lambda parts: parts > 0)
    first.kill()
    first.communicate()
    assert parts_in(book) < LARGE_BYTES >> 23
    assert versions(site, f"{SOURCE}/day/large.bin") == []

    said, _ = watching(site, folder, book).communicate(timeout=120)
    news = [json.loads(line) for line in said.splitlines()]
    ended = {one["path"]: one["message"] for one in news if one["kind"] == "ended"}
    assert ended["day/large.bin"].startswith("rejected: ")  # no counter writes such files
    key = f"{SOURCE}/day/{file.name}"
    assert len(versions(site, key)) == 1
    assert len(versions(site, f"{SOURCE}/day/large.bin")) == 1
    (line,) = (one for one in site.gateway.files(key=key) if one.key == key)
    assert line.state == "loaded"
    assert site.rows(line.object_id) > 0

    again, _ = watching(site, folder, book).communicate(timeout=60)
    assert again == ""
    assert len(versions(site, key)) == 1


def test_a_wrong_key_ends_it_with_words(site: Site, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "count.csv").write_bytes(b"a,b\n1,2\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "cytolake_watch", str(tmp_path / "in")),
            *("--source", SOURCE, "--settle", "0.1", "--once"),
            *("--state", str(tmp_path / "book.sqlite")),
        ],
        env={**os.environ, **site.environment, "AWS_SECRET_ACCESS_KEY": "not the secret"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "check the source's S3 key" in done.stderr
