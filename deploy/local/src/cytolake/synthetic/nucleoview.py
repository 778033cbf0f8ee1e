"""Write what a ChemoMetec NucleoCounter NC-200 exports: name;value lines for one sample."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from cytolake.synthetic.culture import CulturePoint

EMPTY_RESULT_LINES = 14
TITLE = "Viability and Cell Count Assay"


def nucleoview(point: CulturePoint, *, timezone: ZoneInfo) -> bytes:
    """Return the export of one count; its last line is the checksum the software appends."""
    lines = [*_results(point), *[";"] * EMPTY_RESULT_LINES, *_settings(point, timezone)]
    return "".join(f"{line}\r\n" for line in [*lines, "", "//[5E171E71]"]).encode()


def _results(point: CulturePoint) -> list[str]:
    live, total = point.vcd * 1e6, point.tcd * 1e6
    return [
        f"{TITLE} - SYNTHETIC; ;",
        f"Image;{_image(point)};",
        "Operator;SYNTHETIC;",
        f"Sample ID;{point.sample_id};",
        f"Viability (%);{point.viability};",
        f"Live (cells/ml);{live:.2E};",
        f"Dead (cells/ml);{total - live:.2E};",
        f"Total (cells/ml);{total:.2E};",
        " ; ;",
        f"Estimated cell diameter (um);{9.6 - 0.1 * point.day:.1f};",
        "Cell diameter standard deviation (um);2.3;",
        "(%) of cells in aggregates with five or more cells;2;",
        "Sample Volume (ul);200.0;",
        "Dilution Volume (ul);0.000;",
        "Multiplication factor;1.000;",
    ]


def _settings(point: CulturePoint, timezone: ZoneInfo) -> list[str]:
    local = point.collected_at.astimezone(timezone)
    offset = local.utcoffset()
    hours = int(offset.total_seconds() // 3600) if offset else 0
    return [
        f"cm filename;{_image(point)}.cm",
        f"Protocol template title;{TITLE}",
        "Protocol template purpose;Cell Count and Viability with AO and DAPI",
        f"Protocol template filename;{TITLE} - NC-200.cmsx",
        "Protocol adaptation title;SYNTHETIC",
        "Protocol adaptation purpose;SYNTHETIC",
        "Protocol adaptation filename;SYNTHETIC.cmsu",
        "Instrument type;NucleoView NC-200",
        "Instrument s/n;s/n SYN0000000000001",
        f"Date time;{local:%Y%m%d %H%M%S}",
        f"Time zone offset;{hours}",
        "Login ID;synthetic",
        "PC;SYNTHETIC",
        "Application SW version;1.4.2.0",
        "21 CFR Part 11;disabled",
        "Event log format;Plain text",
        "csv file version;2",
    ]


def _image(point: CulturePoint) -> str:
    return f"{point.collected_at:%Y%m%d}-0001-s-{point.sample_id.replace('-', '')}"
