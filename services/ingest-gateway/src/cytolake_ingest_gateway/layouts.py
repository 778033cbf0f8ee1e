"""The layouts in force: the shipped ones and a site's own, seen without a restart."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from cytolake_contracts.layouts import SUFFIX, Layout, LayoutError, layout_from, load_layouts

Stamp = tuple[tuple[str, int, int], ...]


class LayoutShelf:
    """Reads its folder again when a file there comes, goes or changes; safe in threads.

    A file that is no layout is passed over, and `faults` says why: it harms no other layout.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Remember the folder; it need not be there yet."""
        self._folder = folder
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._layouts: Mapping[str, Layout] = {}
        self._faults: Mapping[str, str] = {}

    def layouts(self) -> Mapping[str, Layout]:
        """Return every layout by its name."""
        self._refresh()
        return self._layouts

    def faults(self) -> Mapping[str, str]:
        """Return what is wrong with each file that is no layout, by the layout's name."""
        self._refresh()
        return self._faults

    def _refresh(self) -> None:
        stamp = _stamp(self._folder)
        with self._lock:
            if stamp != self._stamp:
                self._layouts, self._faults = _read(stamp)
                self._stamp = stamp


def _stamp(folder: Path | None) -> Stamp:
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder else ():
        try:
            about = path.stat()
        except OSError:  # gone since it was listed
            continue
        found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(found)


def _read(stamp: Stamp) -> tuple[dict[str, Layout], dict[str, str]]:
    shipped = load_layouts()
    layouts, faults = dict(shipped), {}
    for name, _, _ in stamp:
        path = Path(name)
        try:
            layout = layout_from(path)
        except LayoutError as error:
            faults[path.name.removesuffix(SUFFIX)] = str(error)
            continue
        layouts.setdefault(layout.name, layout)  # a shipped name is the shipped layout's
    return layouts, faults
