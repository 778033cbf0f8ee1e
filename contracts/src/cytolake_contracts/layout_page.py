"""The reference page of layout files, from the models that read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from cytolake_contracts.layout_model import (
    Above,
    FileKind,
    HeaderPlace,
    Layout,
    LayoutColumn,
    Measure,
    Tags,
    Times,
    When,
)
from cytolake_contracts.layouts import load_layouts

HEAD = """# Layout files

How one kind of CSV, XLSX, JSON or Parquet becomes rows of a dataset: `<name>.layout.yaml`, the
shipped ones in `contracts/layouts`, a site's own in the stack's folder `layouts` (`cytolake layout
add`). One how-to makes one for [a table](../how-to/teach-a-new-layout.md), another for [records of
a LIMS](../how-to/read-records-of-a-lims.md); `layout.schema.json` beside them tells editors the
same as this page.
"""
PARTS: dict[type[BaseModel], str] = {
    Layout: "The file",
    FileKind: "`file`",
    When: "`when`",
    HeaderPlace: "`header`",
    Times: "`times`",
    LayoutColumn: "One of `columns`",
    Measure: "One of `measures`",
    Above: "One of `above`",
    Tags: "`tags`",
}
SEE = "See below."


def layouts_page() -> str:
    """Every field of a layout file, and the layouts that are shipped."""
    lines = [HEAD]
    for part, title in PARTS.items():
        lines += [f"## {title}\n", " ".join(str(part.__doc__).split()) + "\n"]
        lines += _table(("field", "default", "what"), map(_field, part.model_fields.items()))
    lines.append("## Shipped layouts\n")
    shipped = sorted(load_layouts().values(), key=lambda one: one.name)
    rows = [
        (f"`{one.name}`", one.title, f"`{one.dataset}`", f"`{one.group}`" if one.group else "")
        for one in shipped
    ]
    return "\n".join([*lines, *_table(("layout", "title", "dataset", "group"), rows)])


def _field(named: tuple[str, Any]) -> tuple[str, str, str]:
    name, field = named[1].alias or named[0], named[1]
    default = field.default if isinstance(field.default, str | int) else None
    told = "" if default is None or default is False else f"`{default}`"
    return f"`{name}`", "(required)" if field.is_required() else told, field.description or SEE


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
