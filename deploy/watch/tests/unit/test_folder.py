from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from cytolake_watch.folder import IGNORED, Seen, Settling, is_wanted, key_of, listed

FILE = Seen("day 3/count.csv", 10, 1)


def test_a_file_settles_once_it_has_rested() -> None:
    settling = Settling(2.0)
    assert settling.settled([FILE], now=100.0) == []
    assert settling.settled([FILE], now=101.9) == []
    assert settling.settled([FILE], now=102.0) == [FILE]


@pytest.mark.parametrize("later", [Seen(FILE.path, 11, 1), Seen(FILE.path, 10, 2)])
def test_a_file_that_changes_rests_anew(later: Seen) -> None:
    settling = Settling(2.0)
    settling.settled([FILE], now=100.0)
    assert settling.settled([later], now=102.0) == []
    assert settling.settled([later], now=104.0) == [later]


def test_a_file_that_was_gone_rests_anew() -> None:
    settling = Settling(2.0)
    settling.settled([FILE], now=100.0)
    settling.settled([], now=101.0)
    assert settling.settled([FILE], now=103.0) == []


@pytest.mark.parametrize(
    ("path", "patterns", "wanted"),
    [
        (PurePosixPath("a/b.csv"), (), True),
        (PureWindowsPath(r"Plate 1\RUN.CSV"), ("*.csv",), True),
        (PureWindowsPath(r"Plate 1\RUN.txt"), ("*.csv",), False),
        (PurePosixPath("~$count.xlsx"), (), False),
        (PurePosixPath(".hidden/run.csv"), (), False),
        (PureWindowsPath(r"x\Thumbs.DB"), (), False),
        (PurePosixPath("half.csv.part"), (), False),
    ],
)
def test_what_is_sent_and_what_programs_leave_beside_it(
    path: PurePosixPath | PureWindowsPath, patterns: tuple[str, ...], *, wanted: bool
) -> None:
    assert is_wanted(path, patterns, IGNORED) is wanted


def test_the_key_is_the_same_on_every_system() -> None:
    windows = PureWindowsPath(r"Läufe\Tag 3\count.csv").as_posix()
    macos = "La\u0308ufe/Tag 3/count.csv"
    assert (
        key_of("vicell-1", windows) == key_of("vicell-1", macos) == "vicell-1/Läufe/Tag 3/count.csv"
    )


def test_a_folder_is_listed_with_its_folders_and_without_empty_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.csv").write_bytes(b"1")
    (tmp_path / "a.csv").write_bytes(b"22")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    assert [(one.path, one.size_bytes) for one in listed(tmp_path)] == [
        ("a.csv", 2),
        ("sub/b.csv", 1),
    ]
