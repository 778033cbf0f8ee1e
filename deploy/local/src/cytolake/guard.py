"""Start one program so that it ends when its parent does (Linux; ran by file, without site).

    python -S -E guard.py [--ns] SIGNAL PROGRAM [ARGUMENT …]

A supervisor killed with -9 leaves its children running, and the next start would find
servers that are not its own. PR_SET_PDEATHSIG tells each child instead. `--ns` first enters
a user namespace in which root is uid 1000: PostgreSQL refuses to run as root, and this
needs neither another user nor a change of owner.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
UNPRIVILEGED_ID = 1000


def enter_user_namespace() -> None:
    """Map the caller to uid and gid 1000; raises PermissionError where that is refused."""
    uid, gid = os.getuid(), os.getgid()
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED_ID} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED_ID} {gid} 1", encoding="ascii")


def die_with_parent(parent: int, signal_number: int) -> None:
    """Ask the kernel for a signal at the parent's end; leave if it is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def main(arguments: list[str]) -> None:
    parent = os.getppid()
    if arguments[0] == "--ns":
        arguments = arguments[1:]
        # A change of user clears the parent-death signal, so this comes first.
        enter_user_namespace()
    die_with_parent(parent, signal.Signals[f"SIG{arguments[0]}"])
    os.execv(arguments[1], arguments[1:])  # noqa: S606 (no shell is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
