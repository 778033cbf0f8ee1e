"""A layout drafted from samples: what is sure is said, what is open is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from cytolake.errors import StackError
from cytolake.layouts.draft import Draft, Drafting
from cytolake.layouts.samples import read_samples
from cytolake.layouts.spelling import Marks, marks_of, time_formats
from cytolake.layouts.tried import Tried, tried
from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.layouts import Layout, LayoutError, read_layout

EXAMPLES = Path(__file__).parents[4] / "docs" / "examples"
COUNTER = [EXAMPLES / f"SYNTHETIC-zellzaehler-{day}.csv" for day in ("D03", "D05")]
TITERS = [EXAMPLES / f"SYNTHETIC-titer-{number}.xlsx" for number in (1, 2)]


def drafted(files: list[Path], *, order: str | None = None) -> Draft:
    return Drafting(samples=read_samples(files), name="drafted", order=order).draft()


def layout(draft: Draft) -> Layout:
    return read_layout(draft.text, file="drafted.layout.yaml", contracts=load_contracts())


def written(folder: Path, *texts: str) -> list[Path]:
    paths = [folder / f"sample-{number}.csv" for number, _ in enumerate(texts, start=1)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_a_german_counters_csv_needs_no_answer() -> None:
    draft = drafted(COUNTER)
    assert draft == drafted(COUNTER)
    assert draft.questions == ()
    found = layout(draft)
    assert (found.dataset, found.file.delimiter) == ("measurement", ";")
    assert (found.file.decimal, found.file.thousands) == (",", ".")
    assert {one.name: one.labels for one in found.above} == {
        "analyst": ("Bediener",),
        "device_id": ("Gerät",),
    }
    assert [(one.quantity, one.unit) for one in found.measures] == [
        ("vcd", "10^6 cells/mL"),
        ("viability", "%"),
        ("cell_diameter", "µm"),
    ]
    assert [(one.name, one.kind) for one in found.columns] == [
        ("sample_id", "text"),
        ("measured_at", "time"),
    ]
    assert (found.ignore, found.header.end) == (("Bemerkung",), "Ende des Berichts")


def test_a_workbook_with_a_value_a_line_is_a_table_of_results() -> None:
    found = layout(drafted(TITERS))
    assert (found.dataset, found.file.kind, found.file.sheet) == ("result", "xlsx", "Results")
    assert [(one.name, one.kind) for one in found.columns] == [
        ("sample_id", "text"),
        ("quantity", "text"),
        ("value", "value"),
        ("unit", "text"),
        ("tested_at", "time"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("files", [COUNTER, TITERS], ids=["csv", "xlsx"])
def test_what_was_drafted_reads_its_samples(files: list[Path]) -> None:
    found: list[Tried] = tried(layout(drafted(files)), files, "UTC")
    assert [(one.is_loadable, one.warnings) for one in found] == [(True, ()), (True, ())]
    assert all(one.rows for one in found)


def test_what_can_be_read_in_two_ways_is_asked(tmp_path: Path) -> None:
    head = "Sample,Date,Glucose (g/L)\n"
    files = written(
        tmp_path,
        f'{head}S1,03/04/2026 10:00,"1,234"\nS2,03/05/2026 10:00,"2,345"\n',
        f'{head}S3,04/04/2026 10:00,"1,111"\n',
    )
    draft = drafted(files)
    assert [question.split(":")[0] for question in draft.questions] == [
        "file.decimal",
        "columns, Date",
    ]
    with pytest.raises(LayoutError, match=r"'\.' or ','"):
        layout(draft)
    decided = Draft(name="", text=draft.text.replace("decimal: TODO", 'decimal: "."'), questions=())
    with pytest.raises(LayoutError, match="still to be decided by a person"):
        layout(decided)
    (told,) = [line for line in drafted(files, order="month").text.splitlines() if "Date]" in line]
    assert '"%m/%d/%Y %H:%M"' in told


def test_a_table_without_a_sample_or_a_unit_is_asked_about(tmp_path: Path) -> None:
    files = written(tmp_path, "Run,VCD,Vial\n7,1.5,x\n", "Run,VCD,Vial\n8,1.7,y\n")
    draft = drafted(files)
    assert draft.questions == (
        "columns: which column is the sample id?",
        "measures, VCD: in which unit?",
    )
    with pytest.raises(LayoutError, match="still to be decided"):
        layout(draft)


def test_units_in_a_line_of_their_own(tmp_path: Path) -> None:
    head = "Sample;Temp;pH\n;°C;pH\n"
    found = layout(drafted(written(tmp_path, f"{head}a;36,5;7,1\n", f"{head}b;37,1;7,2\n")))
    assert found.header.skip_below == 1
    assert [(one.quantity, one.unit) for one in found.measures] == [
        ("temperature", "°C"),
        ("ph", "pH"),
    ]


def test_files_with_nothing_in_common_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no header found that sample-1"):
        read_samples(written(tmp_path, "a,b\n1,2\n", "c,d\n1,2\n"))
    with pytest.raises(StackError, match="only blanks"):
        read_samples(written(tmp_path, "", ""))


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["1,5", "2,25"], Marks(",")),
        (["1.5", "1,234.5"], Marks(".", ",")),
        (["1.234.567", "12"], Marks(",", ".")),
        (["1'234.5"], Marks(".", "'")),
        (["1.234,5", "1.234"], Marks(",", ".")),
        (["0.125"], Marks(".")),
        (["12", "13"], Marks()),
    ],
)
def test_marks_that_every_number_fits(texts: list[str], marks: Marks) -> None:
    assert marks_of(texts) == marks


@pytest.mark.parametrize("texts", [["1,234"], ["1.5", "1,5"]])
def test_marks_that_are_open(texts: list[str]) -> None:
    assert marks_of(texts).question


@pytest.mark.parametrize(
    ("cells", "formats"),
    [
        (["2026-03-21 16:56"], ()),
        (["21.03.2026"], ()),
        (["21/03/2026 16:56"], ("%d/%m/%Y %H:%M",)),
        (["03/04/2026"], ("%d/%m/%Y", "%m/%d/%Y")),
        (["11-Mar-2026 10:05:12"], ("%d-%b-%Y %H:%M:%S",)),
        (["hello"], None),
    ],
)
def test_formats_that_every_time_fits(cells: list[str], formats: tuple[str, ...] | None) -> None:
    assert time_formats(cells) == formats
