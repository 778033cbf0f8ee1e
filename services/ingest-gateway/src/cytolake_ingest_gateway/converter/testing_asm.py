"""Synthetic ASM documents for tests: a cell counter's, flattened and looked into."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cytolake_ingest_gateway.converter.flatten import Flattened, Origin, flatten
from cytolake_ingest_gateway.converter.times import Moment

RECEIVED = datetime(2026, 3, 22, tzinfo=UTC)
ORIGIN = Origin(
    object_id="object-1",
    run_id="run-1",
    run_no=1,
    vendor="BECKMAN_VI_CELL_BLU",
    parser_version="allotropy 0",
    otherwise_at=Moment(RECEIVED, "file"),
)


def flat(document: dict[str, Any], zone: str = "UTC") -> Flattened:
    """Flatten a document that came from the object `object-1` in its run 1."""
    return flatten(document, ORIGIN, ZoneInfo(zone))


def measured(*measurements: dict[str, Any], **beside: object) -> dict[str, Any]:
    """Return a document of a cell counter with these measurements."""
    return {
        "$asm.manifest": "http://example.org/cell-counting.manifest",
        "cell counting aggregate document": {
            "device system document": {
                "device identifier": "N/A",
                "model number": "Counter",
                "equipment serial number": "7",
            },
            "data system document": {"file name": "x.csv", "UNC path": "/srv/x.csv"},
            "cell counting document": [
                {
                    "analyst": "ann",
                    "measurement aggregate document": {"measurement document": [one]},
                }
                for one in measurements
            ],
            **beside,
        },
    }


def count(sample: str = "S1", /, **more: object) -> dict[str, Any]:
    """Return one measurement, a viable cell density of 750000 per mL, and what else it says."""
    return {
        "measurement identifier": "generated-id-000001",
        "measurement time": "2022-03-21T16:56:00+00:00",
        "sample document": {"sample identifier": sample, "well location identifier": "A1"},
        "processed data aggregate document": {
            "processed data document": [
                {"viable cell density (cell counter)": {"value": 750000, "unit": "cells/mL"}}
            ]
        },
        **more,
    }


def row_of(flattened: Flattened, quantity: str) -> dict[str, Any]:
    """Return the one row of this quantity."""
    (row,) = [row for row in flattened.rows if row["quantity"] == quantity]
    return row
