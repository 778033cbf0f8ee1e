"""Tables of declared layouts with cells, headers and encodings that cannot be taken as they are."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.bad.model import ENDOTOXIN, RESULTS, SAMPLES, BadFile, BadSource

HEAD = "sample_id,batch_id,step,collected_at,culture_day,volume_ml"
ROW = "SYNTHETIC-S-1,SYNTHETIC-B-1,expand,2026-03-22T09:00:00Z,3,12.5"
RESULT_HEAD = "Sample ID,Test,Result,Unit,State,Tested at"
RESULT_ROW = "SYNTHETIC-S-1,VCN,2.1,{copies}/{cell},verified,2026-03-22 09:00"
ENDOTOXIN_HEAD = "Sample ID,Sample Lot,Sample Value (EU/mL),Date and Time"
ENDOTOXIN_ROW = "SYNTHETIC-S-1,SYNTHETIC-B-1,<0.05,22-Mar-2026 09:00"
NO_TIMES = ("soon", "2026-02-30", "25:61", "22.13.2026 10:00", "03/22", "Ω")
NO_NUMBERS = ("three", "1.2.3", "0x1F", "1e999", "12;5", "½", "#REF!", "#DIV/0!")


def files() -> Iterator[BadFile]:
    """Yield them."""
    yield from _samples()
    yield from _rules()
    yield from _reports()


def _samples() -> Iterator[BadFile]:
    for value in NO_TIMES:
        yield _sample(f"collected {value}", ROW.replace("2026-03-22T09:00:00Z", value), "BAD_CELL")
    for value in NO_NUMBERS:
        yield _sample(f"day is {value}", ROW.replace(",3,", f",{value},"), "BAD_CELL")
        yield _sample(f"volume is {value}", ROW.replace("12.5", value), "BAD_CELL")
    for name in ("sample_id", "batch_id", "collected_at"):
        place = HEAD.split(",").index(name)
        lines = [_without(HEAD, place), _without(ROW, place)]
        yield _table(SAMPLES, f"no column {name}", "\n".join(lines), "MISSING_COLUMN")
        renamed = HEAD.replace(name, f"x{name}")
        yield _table(SAMPLES, f"{name} renamed", f"{renamed}\n{ROW}", "MISSING_COLUMN")
    yield _table(SAMPLES, "header only", HEAD, "NO_ROWS")
    yield _table(SAMPLES, "no header", f"{ROW}\n{ROW}", "UNKNOWN_LAYOUT")
    yield _table(SAMPLES, "a column twice", f"{HEAD},step\n{ROW},x", "BAD_CELL")
    yield _table(SAMPLES, "a row too wide", f"{HEAD}\n{ROW},1,2,3", "BAD_CELL")
    yield _table(SAMPLES, "a row too narrow", f"{HEAD}\n{ROW}\nSYNTHETIC-S-2,B\n", "BAD_CELL")
    yield _table(SAMPLES, "a quote never closed", f'{HEAD}\n"{ROW}', "BAD_CELL")
    latin = f"{HEAD}\n{ROW}".replace("expand", "Züchtung").encode("utf-16-le")[1:]
    yield BadFile(
        "shifted by a byte", SAMPLES, "SYNTHETIC-bad-shifted.csv", latin, "UNREADABLE_TEXT"
    )
    noise = bytes((n * 73 + 11) % 256 for n in range(4000))
    yield BadFile("noise for samples", SAMPLES, "SYNTHETIC-bad-noise.csv", noise, "UNREADABLE_TEXT")


def _rules() -> Iterator[BadFile]:
    broken = {
        "no sample": ROW.replace("SYNTHETIC-S-1", ""),
        "no batch": ROW.replace("SYNTHETIC-B-1", ""),
        "no time": ROW.replace("2026-03-22T09:00:00Z", ""),
        "a negative volume": ROW.replace("12.5", "-12.5"),
        "no volume at all": ROW.replace("12.5", "0"),
        "collected in 2150": ROW.replace("2026", "2150"),
        "collected in 1950": ROW.replace("2026", "1950"),
        "the same sample twice": f"{ROW}\n{ROW}",
    }
    for what, rows in broken.items():
        yield _sample(what, rows, "CONTRACT_VIOLATION")


def _reports() -> Iterator[BadFile]:
    for value in NO_TIMES:
        row = RESULT_ROW.replace("2026-03-22 09:00", value)
        yield _table(RESULTS, f"result tested {value}", f"{RESULT_HEAD}\n{row}", "BAD_CELL")
        row = ENDOTOXIN_ROW.replace("22-Mar-2026 09:00", value)
        yield _table(ENDOTOXIN, f"endotoxin tested {value}", f"{ENDOTOXIN_HEAD}\n{row}", "BAD_CELL")
    for name in ("Sample ID", "Test", "Result"):
        head = RESULT_HEAD.replace(name, f"{name} no longer")
        yield _table(RESULTS, f"{name} renamed", f"{head}\n{RESULT_ROW}", "MISSING_COLUMN")
    for name in ("Sample ID", "Sample Value (EU/mL)", "Date and Time"):
        head = ENDOTOXIN_HEAD.replace(name, f"{name} no longer")
        yield _table(ENDOTOXIN, f"{name} renamed", f"{head}\n{ENDOTOXIN_ROW}", "MISSING_COLUMN")
    broken = {
        "an unknown state": RESULT_ROW.replace("verified", "perhaps"),
        "no test": RESULT_ROW.replace("VCN", ""),
        "no sample in a result": RESULT_ROW.replace("SYNTHETIC-S-1", ""),
        "tested in 2150": RESULT_ROW.replace("2026", "2150"),
        "a unit that nobody knows": RESULT_ROW.replace("{copies}/{cell}", "furlong"),
        "a unit half known": RESULT_ROW.replace("{copies}/{cell}", "copies/furlong"),
        "copies in grams": RESULT_ROW.replace("{copies}/{cell}", "mg/mL"),
        "a temperature in mg per mL": RESULT_ROW.replace(
            "VCN,2.1,{copies}/{cell}", "Temperature,37,mg/mL"
        ),
        "a volume in mmol per L": RESULT_ROW.replace(
            "VCN,2.1,{copies}/{cell}", "Volume,12.5,mmol/L"
        ),
        "a viability that is a fraction": RESULT_ROW.replace(
            "VCN,2.1,{copies}/{cell}", "Viability,0.95,1"
        ),
    }
    for what, row in broken.items():
        yield _table(RESULTS, what, f"{RESULT_HEAD}\n{row}", "CONTRACT_VIOLATION")


def _sample(what: str, rows: str, reason: str) -> BadFile:
    return _table(SAMPLES, what, f"{HEAD}\n{rows}", reason)


def _table(source: BadSource, what: str, text: str, reason: str) -> BadFile:
    kept = "".join(letter if letter.isalnum() else "-" for letter in what)
    name = f"SYNTHETIC-bad-{source.layout}-{kept}.csv"
    return BadFile(f"{source.layout}: {what}", source, name, f"{text}\n".encode(), reason)


def _without(line: str, place: int) -> str:
    cells = line.split(",")
    return ",".join([*cells[:place], *cells[place + 1 :]])
