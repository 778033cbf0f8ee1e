"""The layouts: `contracts/layouts/*.layout.yaml`, and a site's own in a folder beside them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layout_checks import TODO, VALUE_DATASETS, layout_faults
from cytolake_contracts.layout_model import (
    VALUE_NAMES,
    Above,
    FileKind,
    HeaderPlace,
    Kind,
    Layout,
    LayoutColumn,
    Measure,
    Times,
    When,
    header_name,
)
from cytolake_contracts.layout_reading import SUFFIX, LayoutError, LayoutFault, read_layout
from cytolake_contracts.layout_records import group_members, group_names

__all__ = [
    "SUFFIX",
    "TODO",
    "VALUE_DATASETS",
    "VALUE_NAMES",
    "Above",
    "FileKind",
    "HeaderPlace",
    "Kind",
    "Layout",
    "LayoutColumn",
    "LayoutError",
    "LayoutFault",
    "Measure",
    "Times",
    "When",
    "group_members",
    "group_names",
    "header_name",
    "layout_digest",
    "layout_faults",
    "layout_from",
    "layout_texts",
    "load_layouts",
    "read_layout",
]
MAX_BYTES = 1_000_000


def load_layouts(extra: Path | None = None) -> dict[str, Layout]:
    """Return every layout by name: the shipped ones, and those in the folder `extra`.

    Raises LayoutError for the first file in `extra` that is no layout, or takes a shipped name.
    A folder that is not there holds none.
    """
    found = dict(_shipped())
    for path in sorted(extra.glob(f"*{SUFFIX}")) if extra else ():
        layout = layout_from(path)
        if layout.name in _shipped():
            fault = LayoutFault(1, "layout", "this name is a shipped layout's; take another one")
            raise LayoutError(path.name, (fault,))
        found[layout.name] = layout
    return found


def layout_from(path: Path) -> Layout:
    """Return the layout of one file; raise LayoutError with every fault in it."""
    try:
        body = path.read_bytes()
        text = body.decode("utf-8") if len(body) <= MAX_BYTES else ""
    except (OSError, UnicodeError) as error:
        fault = LayoutFault(1, "", f"this file cannot be read as UTF-8 text ({error})")
        raise LayoutError(path.name, (fault,)) from error
    return read_layout(text, file=path.name, contracts=load_contracts())


def layout_texts() -> dict[str, str]:
    """Return the YAML of every shipped layout by its file's name."""
    folder = files("cytolake_contracts") / "_files" / "layouts"
    return {
        item.name: item.read_text(encoding="utf-8")
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(SUFFIX)
    }


def layout_digest(layout: Layout) -> str:
    """Return eight hexadecimal digits of what the layout says: which reading made a row."""
    return hashlib.sha256(layout.model_dump_json().encode()).hexdigest()[:8]


@cache
def _shipped() -> dict[str, Layout]:
    contracts = load_contracts()
    layouts = (read_layout(text, file=n, contracts=contracts) for n, text in layout_texts().items())
    return {layout.name: layout for layout in layouts}
