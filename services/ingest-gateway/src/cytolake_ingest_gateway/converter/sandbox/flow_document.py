"""An FCS file's metadata as a document in the form of the ASM.

What it was measured on, by what, how each channel was set, and what its events come to. Keywords
that may name a patient are left where they are: in the original.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

MANIFEST = "urn:cytolake:manifest:fcs"
UNSAID = frozenset({"", "default", "unknown", "none", "n/a"})
"""Words that acquisition software writes where nobody wrote anything."""
DATES = ("%d-%b-%Y", "%d-%b-%y", "%Y-%b-%d", "%Y-%m-%d")
TIMES = ("%H:%M:%S", "%H:%M")


@dataclass(frozen=True, slots=True)
class Channel:
    """A parameter of the acquisition: its number from 1, $PnN, and its events as stored."""

    number: int
    name: str
    events: np.ndarray[Any, np.dtype[Any]]


def document_of(
    text: Mapping[str, str], version: str, channels: Sequence[Channel]
) -> dict[str, Any]:
    """Return the document; `text` has the keywords in small letters without `$`."""
    acquisition = {
        "device control aggregate document": {
            "device control document": [_acquisition(text, version, channels)]
        }
    }
    measurements = [acquisition, *(_channel(text, one) for one in channels)]
    return {
        "$asm.manifest": MANIFEST,
        "flow cytometry aggregate document": {
            "device system document": _said(
                {
                    "device identifier": text.get("cyt"),
                    "model number": text.get("cyt"),
                    "equipment serial number": text.get("cytsn") or text.get("cytnum"),
                }
            ),
            "flow cytometry document": [
                _said({"analyst": text.get("op")})
                | {
                    "sample document": _said(
                        {
                            "sample identifier": text.get("smno"),
                            "location identifier": text.get("wellid"),
                            "well plate identifier": text.get("plateid"),
                        }
                    ),
                    "measurement aggregate document": {
                        "measurement time": acquired_at(text),
                        "measurement document": measurements,
                    },
                }
            ],
        },
    }


def acquired_at(text: Mapping[str, str]) -> str | None:
    """Return $DATE and $BTIM as a time without zone (the standard has none); None without both."""
    day = _first(DATES, text.get("date", "").strip().title())
    # Fractions are told in several ways (`.cc`, `:tt` sixtieths): whole seconds are enough.
    time = _first(TIMES, ":".join(text.get("btim", "").split(".")[0].split(":")[:3]).strip())
    if day is None or time is None:
        return None
    return datetime.combine(day.date(), time.time()).isoformat()


def _acquisition(
    text: Mapping[str, str], version: str, channels: Sequence[Channel]
) -> dict[str, Any]:
    return _said(
        {
            "file format version": f"FCS {version}",
            "acquisition software": text.get("creator") or text.get("sys"),
            "data type": text.get("datatype"),
            "acquisition mode": text.get("mode"),
            "spillover matrix": text.get("spillover") or text.get("spill"),
        }
    ) | {
        "event count": {"value": len(channels[0].events) if channels else 0, "unit": "events"},
        "channel count": {"value": len(channels), "unit": "#"},
    }


def _channel(text: Mapping[str, str], channel: Channel) -> dict[str, Any]:
    def keyword(letter: str) -> str | None:
        return text.get(f"p{channel.number}{letter}")

    setting: dict[str, Any] = _said(
        {
            "marker": keyword("s"),
            "amplification": keyword("e"),
            "excitation wavelength": keyword("l"),
        }
    )
    numbers = {"detector range": ("r", "1"), "detector voltage": ("v", "V"), "gain": ("g", "1")}
    setting |= {
        name: {"value": value, "unit": unit}
        for name, (letter, unit) in numbers.items()
        if (value := _number(keyword(letter))) is not None
    }
    return {
        "dimension identifier": channel.name,
        "device control aggregate document": {"device control document": [setting]},
        "processed data aggregate document": {
            "processed data document": [dict(_summary(channel.events))]
        },
    }


def _summary(events: np.ndarray[Any, np.dtype[Any]]) -> Iterable[tuple[str, dict[str, Any]]]:
    finite = events[np.isfinite(events)]
    yield "event count", {"value": len(finite), "unit": "events"}
    if len(finite):
        low, middle, high = (float(one) for one in np.percentile(finite, (5, 50, 95)))
        for name, value in (("median", middle), ("5th percentile", low), ("95th percentile", high)):
            # 0.0 + x: a negative zero would read as a missing number
            yield f"{name} signal", {"value": 0.0 + value, "unit": "1"}


def _said(told: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what somebody said: no placeholders."""
    return {
        name: value.strip()
        for name, value in told.items()
        if value is not None
        and value.strip().casefold() not in UNSAID
        and not value.strip().casefold().startswith("default ")
    }


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None


def _first(forms: Iterable[str], value: str) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(value, form)  # noqa: DTZ007 - the standard's times have no zone
        except ValueError:
            continue
    return None
