"""A seccomp filter by ctypes: no network, no new process, no signal but to itself.

Source: seccomp(2), `linux/filter.h`, `linux/seccomp.h`. Needs no privilege.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

from cytolake_ingest_gateway.converter.sandbox import syscalls

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
CLONE_THREAD = 0x0001_0000
X32_BIT = 0x4000_0000
ARCHITECTURES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}

LOAD, EQUALS, HAS_BITS, RETURN = 0x20, 0x15, 0x45, 0x06
AT_NUMBER, AT_ARCHITECTURE, AT_ARGUMENTS = 0, 4, 16
ALLOW, ERRNO, KILL = 0x7FFF_0000, 0x0005_0000, 0x8000_0000

Instruction = tuple[int, int, int, int]
"""code, jump if true, jump if false, constant"""


def program(machine: str, own_pid: int) -> tuple[Instruction, ...] | None:
    """Return the filter for a machine; None for one whose call numbers we do not know."""
    if machine not in ARCHITECTURES:
        return None
    column, audit_architecture = ARCHITECTURES[machine]
    denied = [pair[column] for pair in syscalls.DENIED.values()]
    lines: list[Instruction] = [
        (LOAD, 0, 0, AT_ARCHITECTURE),
        (EQUALS, 1, 0, audit_architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, AT_NUMBER),
        (HAS_BITS, 0, 1, X32_BIT),
        (RETURN, 0, 0, ERRNO | errno.EPERM),
    ]
    for number in (number for number in denied if number is not None):
        lines += [(EQUALS, 0, 1, number), (RETURN, 0, 0, ERRNO | errno.EPERM)]
    # clone3 hides its flags in memory: told that it does not exist, libc uses clone.
    lines += [(EQUALS, 0, 1, syscalls.CLONE3[column] or 0), (RETURN, 0, 0, ERRNO | errno.ENOSYS)]
    lines += _only_if(syscalls.CLONE[column], (HAS_BITS, CLONE_THREAD), argument=0)
    for pair in syscalls.SIGNALS.values():
        lines += _only_if(pair[column], (EQUALS, own_pid), argument=0)
    lines += _only_if(syscalls.PRLIMIT64[column], (EQUALS, 0), argument=2)
    return (*lines, (RETURN, 0, 0, ALLOW))


def _only_if(number: int | None, test: tuple[int, int], *, argument: int) -> list[Instruction]:
    code, constant = test
    return [
        (EQUALS, 0, 4, number or 0),
        (LOAD, 0, 0, AT_ARGUMENTS + 8 * argument),
        (code, 1, 0, constant),
        (RETURN, 0, 0, ERRNO | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    ]


def restrict() -> bool:
    """Filter this process from here on; return whether the kernel agreed."""
    lines = program(platform.machine(), os.getpid())
    if lines is None or sys.platform != "linux":
        return False
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(lines), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(header), 0, 0) == 0)
