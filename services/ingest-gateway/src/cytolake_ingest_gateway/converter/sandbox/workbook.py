"""A workbook's cells, read in the sandbox's child: the reader aborts on a hostile file.

Excel's dates are numbers with a format; the reader tells them apart, and so does the answer:
`{"at": "2026-03-21T16:56:00"}`. A blank cell is null.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from cytolake_contracts import ReasonCode
from cytolake_ingest_gateway.converter.sandbox.child import Answer, Request

Rows = list[list[Any]]


def parse(request: Request) -> Answer:
    """Return every worksheet with its cells; a damaged workbook is an answer, no exception."""
    try:
        sheets = list(read_sheets(request.body))
    except (CalamineError, ValueError) as error:
        words = (
            f"This file could not be read as a workbook: {str(error).rstrip('.')}. Open it in the "
            "program that wrote it, save it as xlsx or CSV and drop it once more."
        )
        return Answer(outcome="rejected", code=f"parse/{ReasonCode.UNREADABLE_TEXT}", message=words)
    return Answer(outcome="parsed", vendor=request.vendor, document={"sheets": sheets})


def read_sheets(body: bytes) -> Iterator[dict[str, Any]]:
    """Yield name, number of the first row, and rows of plain JSON values, sheet by sheet."""
    book = CalamineWorkbook.from_filelike(BytesIO(body))
    for about in book.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_name(about.name)
            yield {"name": about.name, "first_row": 1, "rows": _rows(sheet)}


def _rows(sheet: CalamineSheet) -> Rows:
    rows = sheet.to_python(skip_empty_area=False)
    return [[_plain(cell) for cell in row] for row in rows]


def _plain(cell: object) -> object:
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"at": f"{cell.isoformat()}T00:00:00"}
    if isinstance(cell, timedelta):
        hours, rest = divmod(int(cell.total_seconds()), 3600)
        return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    if isinstance(cell, bool | int | float):
        return cell
    return None if cell == "" else str(cell)
