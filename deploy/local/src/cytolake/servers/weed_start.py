"""Become `weed server`, after `weed fix` where the last stop was not a clean one.

    python -S -E weed_start.py MARKER DATA WEED [ARGUMENT …]

After a power cut the data files are whole and their indexes are empty (tried): reads would
time out. `weed fix` rebuilds the indexes from the data.
"""

import os
import subprocess
import sys
from pathlib import Path


def main(marker: Path, data: Path, command: list[str]) -> None:
    if marker.exists():
        subprocess.run([command[0], "-logtostderr", "fix", str(data)], check=False)
    marker.touch(mode=0o600)
    os.execv(command[0], command)  # noqa: S606 (no shell is the point)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
