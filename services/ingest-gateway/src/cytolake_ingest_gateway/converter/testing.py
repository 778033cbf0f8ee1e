"""For tests of the converter: events, a store in memory, workbooks, and parsers gone bad.

The parsers lie here because the sandbox's child imports them by name.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path

from cytolake_contracts import FileLanded, FileLandedData, FileRef, SourceRef
from cytolake_contracts.identity import event_id, object_id, run_id, traceparent_for_run
from cytolake_ingest_gateway.converter.declared import Declared
from cytolake_ingest_gateway.converter.recorded import Recorded
from cytolake_ingest_gateway.converter.sandbox.child import (
    Answer,
    Request,
    parse_parquet,
    parse_workbook,
)
from cytolake_ingest_gateway.converter.sandbox.unconfined import run_here
from cytolake_ingest_gateway.layouts import LayoutShelf

RECEIVED = datetime(2026, 3, 22, 9, 0, tzinfo=UTC)


def landed(
    body: bytes,
    *,
    name: str = "file.csv",
    vendor: str | None = None,
    layout: str | None = None,
    timezone: str = "UTC",
) -> FileLanded:
    """Return what intake says of a file with this content."""
    key = f"source-1/{name}"
    identity = object_id("inbound", key, "v1")
    run = run_id(identity, 1)
    source = SourceRef(
        name="source-1", site="main", vendor=vendor, layout=layout, timezone=timezone
    )
    file = FileRef(
        bucket="inbound",
        key=key,
        version_id="v1",
        etag="e",
        object_seq=1,
        content_sha256=hashlib.sha256(body).hexdigest(),
        size_bytes=len(body),
        last_modified=RECEIVED,
        received_at=RECEIVED,
        source=source,
    )
    return FileLanded(
        id=event_id(run, FileLanded.type_name()),
        source="cytolake/intake",
        type=FileLanded.type_name(),
        subject=key,
        time=RECEIVED,
        site="main",
        run_id=run,
        run_no=1,
        object_id=identity,
        traceparent=traceparent_for_run(run),
        data=FileLandedData(file=file),
    )


def declared(folder: Path | None = None) -> Declared:
    """Return the layouts in force, with workbooks and Parquet read in this process."""
    recorded = Recorded(read_parquet=partial(run_here, parse_parquet))
    return Declared(
        shelf=LayoutShelf(folder), read_book=partial(run_here, parse_workbook), recorded=recorded
    )


@dataclass(slots=True)
class MemoryFiles:
    """Implements `handlers.Files`: one file to read, and what was written."""

    body: bytes | None
    tables: dict[str, bytes] = field(default_factory=dict)
    evidence: dict[str, bytes] = field(default_factory=dict)

    async def read(self, file: FileRef) -> bytes | None:
        del file
        return self.body

    async def write_table(self, key: str, body: bytes) -> None:
        self.tables[key] = body

    async def write_evidence(self, key: str, body: bytes) -> None:
        self.evidence[key] = body


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip file of these members."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def workbook(cells: dict[str, str], *, dimension: str = "A1", prolog: str = "") -> bytes:
    """Return a small xlsx whose one sheet claims exactly these cells."""
    rows = "".join(
        f'<row r="{reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}">'
        f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for reference, text in cells.items()
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return zipped(
        {
            "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main'
            '+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'.encode(),
            "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship '
            f'Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            "".encode(),
            "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>".encode(),
            "xl/worksheets/sheet1.xml": f'{head}{prolog}<worksheet xmlns="{main}">'
            f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'.encode(),
        }
    )


def hanging(request: Request) -> Answer:
    """Wait for what never comes."""
    del request
    while True:
        time.sleep(60)


def spinning(request: Request) -> Answer:
    """Compute without end."""
    del request
    while True:
        pass


def hungry(request: Request) -> Answer:
    """Ask for far more memory than a file may use."""
    return Answer(outcome="parsed", vendor=request.vendor, document={"x": len(bytearray(4 << 30))})


def aborting(request: Request) -> Answer:
    """Die as native code dies that cannot allocate."""
    del request
    os.abort()


def talkative(request: Request) -> Answer:
    """Answer with more than an answer may hold."""
    return Answer(outcome="parsed", vendor=request.vendor, document={"x": "y" * 65_000_000})


def faulty(request: Request) -> Answer:
    """Raise what nobody expected."""
    raise KeyError(request.name)


def killed(request: Request) -> Answer:
    """Die as if the machine's out-of-memory killer had chosen this process."""
    del request
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def chatty(request: Request) -> Answer:
    """Answer with what can be reached from inside."""
    found = {
        "environment": sorted(os.environ),
        "password": os.environ.get("CYTOLAKE_S3_SECRET_KEY"),
        **{name: _tried(name, request.name) for name in sorted(_ATTEMPTS)},
    }
    return Answer(outcome="parsed", vendor="X", document=found)


def _tried(name: str, path: str) -> str:
    try:
        _ATTEMPTS[name](path)
    except OSError as error:
        return type(error).__name__
    return "allowed"


def _connect(path: str) -> None:
    import socket  # noqa: PLC0415

    del path
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


_ATTEMPTS = {
    "read_file": lambda path: Path(path).read_bytes(),
    "read_parent": lambda _: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "write_file": lambda path: Path(f"{path}.out").write_bytes(b"x"),
    "run_program": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606
    "fork": lambda _: os.fork(),
    "signal_parent": lambda _: os.kill(os.getppid(), 0),
    "network": _connect,
}
