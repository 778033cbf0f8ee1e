"""A real instrument's workbook for the bench: the same content several times, no byte alike."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from cytolake.synthetic import SyntheticFile, SyntheticSource

QPCR = SyntheticSource(
    name="bench-qpcr",
    about="qPCR workbook",
    vendor="APPBIO_QUANTSTUDIO_DESIGNANDANALYSIS",
)


def copies(path: Path, number: int, *, first: int) -> list[SyntheticFile]:
    """Return so many files of a workbook; a comment in the archive tells them apart."""
    return [
        SyntheticFile(
            source=QPCR,
            name=f"{path.stem}-{first + copy}{path.suffix}",
            body=_commented(path.read_bytes(), f"bench {first + copy}"),
        )
        for copy in range(number)
    ]


def _commented(body: bytes, comment: str) -> bytes:
    buffer = io.BytesIO(body)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = comment.encode()
    return buffer.getvalue()
