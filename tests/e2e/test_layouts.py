"""A new kind of table from two samples to rows in a mart, by commands alone: no Python edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cytolake.commands_replay import REVALIDATIONS
from tests.e2e.deciders import person
from tests.e2e.site import Site
from tests.e2e.test_commands import cytolake, told
from tests.e2e.test_tutorial import ROOT, performed, script

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EXAMPLES = ROOT / "docs" / "examples"
COUNTER = [EXAMPLES / f"SYNTHETIC-zellzaehler-{day}.csv" for day in ("D03", "D05")]
TITERS = [EXAMPLES / f"SYNTHETIC-titer-{number}.xlsx" for number in (1, 2)]


def taught(site: Site, folder: Path, samples: list[Path]) -> str:
    """Propose, test and add a layout; register a source for it; return both their name."""
    name = f"lab_{uuid4().hex[:8].translate(str.maketrans('0123456789', 'ghijklmnop'))}"
    files = [str(path) for path in samples]
    proposed = cytolake(site, "layout", "propose", *files, "--name", name, "--output", str(folder))
    assert (proposed.returncode, "TODO" in proposed.stderr) == (0, False), proposed.stderr
    layout = str(folder / f"{name}.layout.yaml")
    tested = cytolake(site, "layout", "test", layout, *files)
    assert (tested.returncode, "would be loaded" in tested.stdout) == (0, True), tested.stdout
    assert cytolake(site, "layout", "add", layout).returncode == 0
    added = cytolake(site, "source", "add", name, "--layout", name, "--timezone", "Europe/Berlin")
    assert added.returncode == 0, added.stderr
    return name


def put(site: Site, source: str, *files: Path) -> list[dict[str, Any]]:
    """Drop files and wait for their ends."""
    found: list[dict[str, Any]] = told(site, "put", *map(str, files), "--source", source, "--wait")
    return found


def test_a_german_csv_with_a_preamble(site: Site, tmp_path: Path) -> None:
    """By the commands of the how-to, word for word."""
    source = "zellzaehler-1"
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    performed(script("how-to/teach-a-new-layout.md", undone=""), site.stack.home.root, cwd=tmp_path)
    (history,) = told(site, "files", "--source", source, "--state", "loaded")
    rows = site.select(
        "select sample_id, quantity, value_num, qualifier, unit_ucum, measured_at::text as at,"
        " device_id, vendor from marts.mart_measurement where object_id = %s"
        " order by source_path",
        history["object_id"],
    )
    assert len(rows) == 9
    assert {(row["device_id"], row["vendor"]) for row in rows} == {("SYN-CC-7", "zellzaehler")}
    first = {row["quantity"]: row for row in rows if row["sample_id"] == "SYN-B001-D03"}
    assert {name: row["value_num"] for name, row in first.items()} == {
        "vcd": 1.25,
        "viability": 96.4,
        "cell_diameter": 12.1,
    }
    assert first["vcd"]["unit_ucum"] == "10*6/mL"
    assert first["vcd"]["at"].startswith("2026-03-03 08:12:00")
    assert [row["value_num"] for row in rows if row["qualifier"] == "<"] == [50.0]
    _renamed(site, source, tmp_path / "zellzaehler.layout.yaml")


def _renamed(site: Site, source: str, layout: Path) -> None:
    """A third variant, a column renamed, waits with a difference in words until it is taught."""
    renamed = layout.with_name("renamed.csv")
    renamed.write_text(COUNTER[0].read_text().replace("Proben-ID", "Probennummer"))
    done = cytolake(site, "put", str(renamed), "--source", source, "--wait")
    said = " ".join(done.stderr.split())
    assert (done.returncode, "quarantined" in said) == (1, True), said
    for words in ("no column Proben-ID", "Probennummer (SYN-B001-D03", "is the new name of"):
        assert words in said
    taught = layout.read_text().replace(
        "headers: [Proben-ID]", "headers: [Proben-ID, Probennummer]"
    )
    layout.write_text(taught)
    assert cytolake(site, "layout", "add", str(layout)).returncode == 0
    (waiting,) = told(site, "files", "--source", source, "--state", "quarantined")
    with person(site, "reviewer") as jane:
        jane.reread(REVALIDATIONS, source=source)
    assert site.end(waiting["object_id"]).state == "loaded"
    assert site.rows(waiting["object_id"]) == 9


def test_a_workbook_with_a_result_a_line(site: Site, tmp_path: Path) -> None:
    source = taught(site, tmp_path, TITERS)
    histories = put(site, source, *TITERS)
    assert {history["state"] for history in histories} == {"loaded"}
    rows = site.select(
        "select sample_id, attribute, value_num, qualifier, value_text, unit_ucum, source_path"
        " from marts.mart_result where object_id = any(%s) order by sample_id, attribute",
        [history["object_id"] for history in histories],
    )
    assert [tuple(row.values()) for row in rows] == [
        ("SYN-B001-D10", "lv_titer", 2.1e8, None, None, "{TU}/mL", "Results/line 5/Result"),
        ("SYN-B002-D10", "lv_titer", 1e6, "<", "<1.0e6", "{TU}/mL", "Results/line 6/Result"),
        ("SYN-B003-D10", "lv_titer", 3.4e8, None, None, "{TU}/mL", "Results/line 5/Result"),
        ("SYN-B003-D10", "mycoplasma", None, "ND", "not detected", None, "Results/line 6/Result"),
    ]
