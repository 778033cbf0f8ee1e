"""A file read again in every way that it can end: which rows are then in the marts, and said so."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from cytolake.commands_replay import REPLAYS
from tests.e2e.deciders import Person, person
from tests.e2e.site import Site

pytestmark = [pytest.mark.e2e]
LAYOUT = """layout: {name}
title: SYNTHETIC viabilities
dataset: measurement
header: {{skip_below: {skip}}}
columns:
  - {{name: sample_id, must: true}}
measures:
  - {{headers: [{header}], quantity: viability, unit: "{unit}", must: true}}
"""


class Read:
    """One file of one source, and its layout that the test rewrites before each replay."""

    def __init__(self, site: Site, by: Person) -> None:
        self.site, self.by = site, by
        self.name = f"e2e_again_{uuid4().hex[:8]}"
        self.source = self.name.replace("_", "-")
        self._lay_out()
        site.gateway.add_source(self.source, layout=self.name)
        body = b"sample_id,viability\nSYNTHETIC-S-1,91.5\nSYNTHETIC-S-2,88\n"
        self.of = site.put_key(f"{self.source}/viabilities.csv", body)

    def _lay_out(self, *, skip: int = 0, header: str = "viability", unit: str = "%") -> None:
        text = LAYOUT.format(name=self.name, skip=skip, header=header, unit=unit)
        path = self.site.stack.home.layouts / f"{self.name}.layout.yaml"
        path.write_text(text, encoding="utf-8")

    def again(self, **changes: Any) -> tuple[str, str]:
        """Replay under a changed layout; return the file's state and message."""
        self._lay_out(**changes)
        self.by.reread(REPLAYS, source=self.source)
        told = self.site.end(self.of)
        return told.state, told.message or ""

    def rows(self) -> list[tuple[Any, ...]]:
        """Return what the marts hold of the file."""
        found = self.site.select(
            "select run_no, value_num, unit_raw, unit_ucum, value_std, has_warnings"
            " from marts.mart_measurement where object_id = %s order by sample_id",
            self.of,
        )
        return [tuple(row.values()) for row in found]


def test_only_a_run_that_converts_takes_the_place_of_older_rows(site: Site) -> None:
    with person(site, "reviewer") as jane:
        file = Read(site, jane)
        assert site.end(file.of).state == "loaded"
        first = [(1, 91.5, "%", "%", 91.5, False), (1, 88.0, "%", "%", 88.0, False)]
        assert file.rows() == first

        state, words = file.again(unit="furlong")
        assert state == "quarantined"
        assert "unit_raw furlong" in words
        assert "The rows of run 1, loaded before, stay in the marts." in words
        assert file.rows() == first

        assert jane.decide("release", file.of, "the unit is a joke").states == {"loaded": 1}
        third = [(3, 91.5, "furlong", None, None, True), (3, 88.0, "furlong", None, None, True)]
        assert file.rows() == third

        state, words = file.again(header="Viability of cells")
        assert state == "rejected"
        assert "The rows of run 3, loaded before, stay in the marts." in words
        assert file.rows() == third

        assert file.again(skip=5)[0] == "loaded"
        assert file.rows() == []
        assert site.gateway.history(file.of)["rows"] == 0

        state, words = file.again(header="Viability of cells")
        assert state == "rejected"
        assert "(Run 5, loaded before, left no rows in the marts.)" in words
        assert file.rows() == []

        assert file.again()[0] == "loaded"
        assert [row[1:] for row in file.rows()] == [row[1:] for row in first]
