"""Tables that laboratories' devices export: results one a row, and two kinds of report."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

from cytolake.synthetic.plant.model import Batch, ResultLine, Version

RESULT_HEADER = (
    "Sample ID",
    "Batch",
    "Test",
    "Result",
    "Unit",
    "Method",
    "Instrument",
    "Analyst",
    "Tested at",
    "State",
    "Remark",
)
ENDOTOXIN_HEADER = (
    "Sample ID",
    "Lot Number",
    "Cartridge Lot",
    "Endotoxin (EU/mL)",
    "Dilution",
    "Spike Recovery (%)",
    "Sample CV (%)",
    "Suitability",
    "Operator",
    "Date and Time",
)
STERILITY_HEADER = (
    "Accession Number",
    "Bottle ID",
    "Bottle Type",
    "Bottle Lot",
    "Status",
    "Result",
    "Load Time",
    "Result Time",
    "Module",
)
DEVICES = {"flow": "FC", "qpcr": "PCR"}


def said_as(line: ResultLine, said: Version) -> str:
    """Return a result as it is written down."""
    if said.text is not None:
        return said.text
    value = said.value or 0.0
    number = f"{value:.{line.decimals}f}" if line.decimals >= 0 else f"{value:.2e}"
    return f"{said.qualifier or ''}{number}"


def result_table(batch: Batch, lines: Sequence[ResultLine], *, device: str) -> bytes:
    """Return results as a cytometer's or a cycler's software lists them."""
    rows = [
        (
            line.sample_id,
            batch.batch_id,
            line.attribute,
            said_as(line, line.current),
            line.unit or "",
            line.method,
            f"{batch.product.site}-{DEVICES[device]}",
            "SYNTHETIC",
            line.current.tested_at.isoformat(),
            "to be verified",
            "SYNTHETIC",
        )
        for line in lines
    ]
    return _csv([RESULT_HEADER, *rows], ",")


def endotoxin_report(batch: Batch, line: ResultLine, zone: ZoneInfo) -> bytes:
    """Return the report of a cartridge reader for one sample."""
    tested = f"{line.current.tested_at.astimezone(zone):%d-%b-%Y %H:%M:%S}"
    row = (
        line.sample_id,
        batch.batch_id,
        f"SYN-L-CART-{batch.number // 9:03d}",
        said_as(line, line.current),
        "1:10",
        97 + batch.number % 7,
        f"{batch.number % 30 / 10:.1f}",
        "Pass",
        "SYNTHETIC",
        tested,
    )
    serial = ("Instrument Serial Number", f"{batch.product.site}-PTS")
    table = _csv([serial, ENDOTOXIN_HEADER, row], ",")
    return b"# SYNTHETIC: made up, in the manner of a cartridge reader's export\n" + table


def sterility_report(line: ResultLine, said: Version, zone: ZoneInfo) -> bytes:
    """Return the report of a culture incubator on the two bottles of a sample."""
    status = "Loaded" if said.state == "provisional" else "Completed"
    rows = [
        (
            line.sample_id,
            f"{line.sample_id}-{medium}",
            f"{medium} Plus",
            f"SYN-L-{medium.upper()}-01",
            status,
            said_as(line, said),
            _local(line.requested_at, zone),
            _local(said.tested_at, zone),
            "SYN-BTA",
        )
        for medium in ("iFA", "iFN")
    ]
    table = _csv([STERILITY_HEADER, *rows], ";")
    return b"# SYNTHETIC: made up, in the manner of a culture incubator's export\n" + table


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _csv(rows: Iterable[Sequence[object]], delimiter: str) -> bytes:
    text = StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
