"""Shapes of real instruments' files: other numbers, the same shape; another column, another one.

The files are published test inputs of allotropy (MIT), in `../shared/data/instruments`; what is
changed in them here is changed at random places and stands for nothing.
"""

from __future__ import annotations

import csv
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from cytolake_ingest_gateway.converter.shapes import Shape, shape_of

pytestmark = [pytest.mark.integration]

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "instruments"
LISTED = FOLDER / "MANIFEST.csv"
ENTRIES = list(csv.DictReader(LISTED.read_text().splitlines())) if LISTED.is_file() else []
needs_files = pytest.mark.skipif(not ENTRIES, reason="there is no ../shared/data/instruments here")
FILES = {entry["vendor"]: entry["file"] for entry in ENTRIES}
TEXTS = sorted(vendor for vendor, name in FILES.items() if name.endswith((".csv", ".txt")))
BOOKS = sorted(vendor for vendor, name in FILES.items() if name.endswith(".xlsx"))
HEADERS = {
    "BECKMAN_VI_CELL_BLU": ("Viability (%)", "Sample ID"),
    "CHEMOMETEC_NC_VIEW": ("VIABILITY (%)", "SAMPLE ID"),
    "NOVABIO_FLEX2": ("Gluc", "Sample ID"),
    "QIACUITY_DPCR": ("Well", "Plate ID"),
    "REVVITY_MATRIX": ("Live Count", "Dead Count"),
    "THERMO_FISHER_NANODROP_EIGHT": ("A260/A280", "Sample Id"),
    "APPBIO_QUANTSTUDIO_DESIGNANDANALYSIS": ("Results/Cq", "Results/Well"),
    "BECKMAN_VI_CELL_XR": ("Run data summary/Viability", "Run data summary/Sample ID"),
    "THERMO_FISHER_QUBIT4": ("QubitData_#-#-#_#-#-#/Run ID",),
    "BENCHLING_EMPOWER": ("values/results",),
    "CYTIVA_UNICORN": ("Result.xml",),
    "FLOWJO": ("Workspace",),
}
VALUE = re.compile(rb"(?<=[,;\t])\d+\.\d+(?=[,;\t\r\n])")
"""Numbers with decimals, alone in their cell."""


def body_of(vendor: str) -> bytes:
    return (FOLDER / FILES[vendor]).read_bytes()


def shape(body: bytes) -> Shape:
    found = shape_of(body)
    assert found is not None
    return found


@needs_files
def test_every_vendor_has_a_shape_of_its_own() -> None:
    shapes = {vendor: shape(body_of(vendor)) for vendor in FILES}
    assert len({one.fingerprint for one in shapes.values()}) == len(FILES) == 19
    for vendor, names in HEADERS.items():
        assert set(names) <= set(shapes[vendor].columns), vendor


@needs_files
@pytest.mark.parametrize("vendor", TEXTS)
def test_other_numbers_have_the_same_shape(vendor: str) -> None:
    body = body_of(vendor)
    utf8 = body.decode("utf-16").encode() if body.startswith(b"\xff\xfe") else body
    header, _, rest = utf8.partition(b"\n")
    changed = header + b"\n" + VALUE.sub(b"7.25", rest)
    assert shape(changed).columns == shape(utf8).columns


@needs_files
@pytest.mark.parametrize("vendor", BOOKS)
def test_a_workbooks_numbers_are_no_part_of_its_shape(vendor: str) -> None:
    body = body_of(vendor)
    changed = with_part(body, "sheet", re.compile(rb"<v>\d+\.\d+</v>"), b"<v>7.25</v>")
    assert changed != body
    assert shape(changed) == shape(body)


@needs_files
@pytest.mark.parametrize("vendor", ["BECKMAN_VI_CELL_BLU", "CHEMOMETEC_NC_VIEW", "NOVABIO_FLEX2"])
def test_another_column_is_another_shape(vendor: str) -> None:
    body = body_of(vendor)
    lines = body.split(b"\n")
    wider = b"\n".join(
        [lines[0].rstrip() + b",Donor", *(line.rstrip() + b",x" for line in lines[1:])]
    )
    assert shape(wider).fingerprint != shape(body).fingerprint
    assert set(shape(wider).columns) - set(shape(body).columns) == {"Donor"}


@needs_files
def test_another_name_in_a_workbook_is_another_shape() -> None:
    body = body_of("BECKMAN_VI_CELL_XR")
    changed = with_part(body, "sharedStrings", re.compile(rb">Sample ID<"), b">Sample name<")
    assert shape(changed).fingerprint != shape(body).fingerprint


def with_part(body: bytes, part: str, pattern: re.Pattern[bytes], by: bytes) -> bytes:
    """Return the workbook with a pattern replaced in the parts of that name."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, pattern.sub(by, content) if part in name else content)
    return out.getvalue()
