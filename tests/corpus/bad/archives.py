"""Archives: bombs, paths that lead outside, archives in archives, damaged ones."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator

from tests.corpus.bad.model import ANY, UNICORN, BadFile
from tests.e2e.hostile import zip_bomb

EVIL_NAMES = ("../Result.xml", "/etc/passwd", "..\\..\\Result.xml", "C:\\Result.xml", "a/../../b",
              "Result.xml\0.txt", "con.xml", "a" * 5000)  # fmt: skip


def files() -> Iterator[BadFile]:
    """Yield them."""
    small = _zipped({"Result.xml": b"<Result/>", "Chrom.1.Xml": b"<Chromatogram/>"})
    yield _bad("a bomb of a gigabyte", zip_bomb(), "ZIP_BOMB")
    yield _bad("a bomb of 300 MB", zip_bomb(300), "ZIP_BOMB")
    yield _bad(
        "ten thousand members", _zipped({f"{n}.xml": b"<a/>" for n in range(10_001)}), "ZIP_BOMB"
    )
    for name in EVIL_NAMES:
        yield _bad(f"a member {name[:20]!r}", _zipped({name: b"<Result/>"}), "UNREADABLE_BY_VENDOR")
    yield _bad("a link for a member", _link(), "UNREADABLE_BY_VENDOR")
    yield _bad("an archive in an archive", _zipped({"inner.zip": small}), "UNREADABLE_BY_VENDOR")
    yield _bad("no members", _zipped({}), "UNREADABLE_BY_VENDOR")
    yield _bad(
        "empty members", _zipped({"Result.xml": b"", "Chrom.1.Xml": b""}), "UNREADABLE_BY_VENDOR"
    )
    yield _bad("members without values", small, "UNREADABLE_BY_VENDOR")
    for share in range(2, 10, 2):
        yield _bad(f"{share} tenths of it", small[: len(small) * share // 10], "TRUNCATED_FILE")
    damaged = bytearray(_zipped({"Result.xml": b"<Result>0123456789</Result>" * 50}))
    damaged[60] ^= 0xFF
    yield _bad("a damaged member", bytes(damaged), "TRUNCATED_FILE")
    yield BadFile(
        "a foreign archive",
        ANY,
        "SYNTHETIC-bad-any.zip",
        small[:0] + _zipped({"a.txt": b"a"}),
        "UNKNOWN_LAYOUT",
    )


def _zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, body)
    return out.getvalue()


def _link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("Result.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def _bad(what: str, body: bytes, reason: str) -> BadFile:
    kept = "".join(letter if letter.isalnum() else "-" for letter in what)
    name = f"SYNTHETIC-bad-archive-{kept}.zip"
    return BadFile(f"archive: {what}", UNICORN, name, body, reason)
