from __future__ import annotations

from cytolake_ingest_gateway.converter.sandbox.huge_pages import HUGE_PAGE, huge_ranges

MAPS = """\
55d000000000-55d000400000 r-xp 00000000 fe:00 12 /usr/bin/python3.12
55d000400000-55d000700000 rw-p 00000000 00:00 0 [heap]
7f0000100000-7f0000900000 rw-p 00000000 00:00 0
7f0001000000-7f0001400000 rw-s 00000000 00:00 0
7f0002000000-7f0002400000 rw-p 00000000 fe:00 13 /usr/lib/a library.so
7f0003000000-7f0003100000 rw-p 00000000 00:00 0
7ffc00000000-7ffc00400000 rw-p 00000000 00:00 0 [stack]
"""


def test_only_whole_huge_pages_of_private_memory_are_asked_for() -> None:
    assert list(huge_ranges(MAPS.splitlines())) == [
        (0x55D000400000, HUGE_PAGE),
        (0x7F0000200000, 3 * HUGE_PAGE),
    ]
