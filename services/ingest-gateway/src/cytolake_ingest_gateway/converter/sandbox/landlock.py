"""Landlock by ctypes: read the interpreter's own files, nothing else; no TCP; no signals out.

A child that makes a file is given one folder to write in.

Source: landlock(7), `linux/landlock.h`. Needs no privilege. What a kernel offers grows
with its ABI: files from 1, TCP from 4, signals and abstract sockets from 6.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
RULE_PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38
READ_FILE, READ_DIR = 1 << 2, 1 << 3
WRITE_FILE, REMOVE_FILE, MAKE_FILE, TRUNCATE = 1 << 1, 1 << 5, 1 << 8, 1 << 14
ALL_OF_TCP = 0b11
ALL_SCOPES = 0b11
_FILE_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 5: 16}
_TRUNCATE_FROM_ABI, _TCP_FROM_ABI, _SCOPES_FROM_ABI = 3, 4, 6


def readable_paths() -> tuple[str, ...]:
    """Return what a parser may read: the interpreter, its packages, libraries, time zones."""
    system = (
        "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache",
        "/usr/share/zoneinfo", "/dev/null", "/dev/urandom",
    )  # fmt: skip
    return (*dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix)), *system)


def restrict(paths: Iterable[str], *, writable: Iterable[str] = ()) -> int:
    """Confine this process to these paths and folders; return the kernel's ABI, 0 without one."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    abi = int(libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION))
    if abi < 1:
        return 0
    attributes = _ruleset(abi)
    ruleset = int(libc.syscall(CREATE_RULESET, attributes, len(attributes), 0))
    if ruleset < 0:
        return 0
    try:
        for path in paths:
            _allow(libc, ruleset, path, READ_FILE | (READ_DIR if Path(path).is_dir() else 0))
        for folder in writable:
            _allow(libc, ruleset, folder, _writing(abi))
        agreed = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        agreed = agreed and libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)
    return abi if agreed else 0


def _ruleset(abi: int) -> bytes:
    """Return `struct landlock_ruleset_attr`, as long as this ABI knows it."""
    rights = max(count for since, count in _FILE_RIGHTS_BY_ABI.items() if since <= abi)
    attributes = struct.pack("=Q", (1 << rights) - 1)
    if abi >= _TCP_FROM_ABI:
        attributes += struct.pack("=Q", ALL_OF_TCP)
    if abi >= _SCOPES_FROM_ABI:
        attributes += struct.pack("=Q", ALL_SCOPES)
    return attributes


def _writing(abi: int) -> int:
    rights = READ_FILE | READ_DIR | WRITE_FILE | REMOVE_FILE | MAKE_FILE
    return rights | (TRUNCATE if abi >= _TRUNCATE_FROM_ABI else 0)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    if not Path(path).exists():
        return
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        libc.syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, struct.pack("=Qi", rights, beneath), 0)
    finally:
        os.close(beneath)
