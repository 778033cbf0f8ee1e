"""What a fork has to copy, made small: private memory in huge pages.

A fork server of 160 MB has 40,000 page table entries, and every child's birth and death
walks all of them. In pages of 2 MB they are tens: measured, 7 ms of processor time a child.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

HUGE_PAGE = 2 << 20
MADV_COLLAPSE = 25
"""Linux 6.1: make huge pages of what is there, now. Source: madvise(2)."""


def collapse() -> None:
    """Ask for it; a kernel that does not know it, or has no huge page to spare, says no."""
    if sys.platform != "linux":
        return
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, length in huge_ranges(Path("/proc/self/maps").read_text().splitlines()):
        madvise(start, length, MADV_COLLAPSE)


def huge_ranges(maps: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Return start and length in bytes of what whole huge pages could hold.

    `maps` are the lines of /proc/<pid>/maps (proc_pid_maps(5)); only private, writable and
    nameless memory and the heap count: files are shared with the child anyway.
    """
    for line in maps:
        addresses, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = (int(part, 16) for part in addresses.split("-"))
            first, last = -(-start // HUGE_PAGE) * HUGE_PAGE, end // HUGE_PAGE * HUGE_PAGE
            if last > first:
                yield first, last - first
