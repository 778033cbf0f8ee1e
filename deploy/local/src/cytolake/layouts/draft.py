"""A layout drafted from samples: the file's text, with what was inferred and what is to be checked.

Where the samples can be read in two ways the draft holds a `TODO` in place of the answer: it is
no layout until a person has written one. The same samples always give the same text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cytolake.layouts.around import common_start, footer, labels_above
from cytolake.layouts.columns import (
    SeenColumn,
    marks_in,
    seen_columns,
    table_lines,
    units_below,
)
from cytolake.layouts.roles import OF_DATASET, QUANTITIES, is_long, role_of, time_column
from cytolake.layouts.samples import Sample
from cytolake.layouts.spelling import Marks, is_ambiguous
from cytolake_contracts.layouts import TODO, header_name
from cytolake_ingest_gateway.converter.cells import cell_text
from cytolake_ingest_gateway.converter.quantities import CANONICAL_UNITS, quantity_of, slug
from cytolake_ingest_gateway.converter.units import unit_of

_PLAIN = re.compile(r"^[A-Za-z][A-Za-z0-9 _./-]*$")
_WORDS_OF_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The layout file's text, and the questions that a person must answer in it."""

    name: str
    text: str
    questions: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Drafting:
    """One draft in the making."""

    samples: Sequence[Sample]
    name: str
    dataset: str | None = None
    order: str | None = None
    """`day` or `month`, where a person has said which stands first in dates."""
    questions: list[str] = field(default_factory=list)

    def draft(self) -> Draft:
        """Return the layout file."""
        units = units_below(self.samples)
        marks = marks_in(self.samples)
        columns = [
            column
            for column in seen_columns(
                self.samples, marks, skip_below=int(bool(units)), order=self.order
            )
            if column.header
        ]
        dataset = self.dataset or ("result" if is_long(columns) else "measurement")
        lines = [
            *self._head(dataset),
            *self._file(marks),
            *self._header(units),
            *self._columns(columns, dataset, units),
        ]
        text = "\n".join(lines) + "\n"
        return Draft(name=self.name, text=text, questions=tuple(self.questions))

    def _head(self, dataset: str) -> Iterator[str]:
        yield "# yaml-language-server: $schema=layout.schema.json"
        yield "# Drafted by `cytolake layout propose` from:"
        for sample in self.samples:
            where = f", sheet {sample.grid.sheet}" if sample.grid.sheet else ""
            number = sample.grid.lines[sample.header].number
            yield (
                f"#   {sample.path.name}{where}: header in line {number}, "
                f"{len(table_lines(sample))} lines below it"
            )
        yield "# CHECK marks what was inferred, TODO what the samples leave open. Then try it:"
        yield f"#   cytolake layout test {self.name}.layout.yaml FILE..."
        yield f"layout: {self.name}"
        yield f"title: {self.name.replace('_', ' ')} # CHECK: what people call such a file"
        why = "a value a line, with its name" if dataset == "result" else "columns of values"
        yield f"dataset: {dataset} # CHECK: {why}"

    def _file(self, marks: Marks) -> Iterator[str]:
        first = self.samples[0].grid
        yield "file:"
        yield f"  kind: {'xlsx' if first.sheet else 'csv'}"
        sheets = {sample.grid.sheet for sample in self.samples}
        if first.sheet and len(sheets) == 1:
            yield f"  sheet: {quoted(first.sheet)}"
        if first.delimiter:
            yield f"  delimiter: {quoted(first.delimiter)}"
        if marks.question:
            self.questions.append(f"file.decimal: {marks.question}")
            yield f"  decimal: {TODO} # {marks.question} Write '.' or ','"
        elif marks.decimal:
            yield f"  decimal: {quoted(marks.decimal)}"
        if marks.thousands:
            yield f"  thousands: {quoted(marks.thousands)}"

    def _header(self, units: dict[str, str]) -> Iterator[str]:
        lines: list[str] = []
        if any(cell_text(s.grid.lines[0].cells[0]).startswith("#") for s in self.samples):
            lines.append('  comment: "#"')
        if units:
            lines.append("  skip_below: 1 # the line of units")
        ends = {text for sample in self.samples if (text := footer(sample))}
        if ends:
            told = common_start(ends)
            lines.append(f"  end: {quoted(told)} # CHECK: what follows is not of the table")
        if lines:
            yield "header:"
            yield from lines

    def _columns(
        self, columns: list[SeenColumn], dataset: str, units: dict[str, str]
    ) -> Iterator[str]:
        roles = self._roles(columns, dataset)
        yield from self._above(set(roles.values()), dataset)
        yield "columns:"
        if "sample_id" not in roles.values():
            self.questions.append("columns: which column is the sample id?")
            yield f"  - {{name: sample_id, headers: [{TODO}], must: true}} # TODO: which column?"
        for column in columns:
            if column.header in roles:
                yield from self._column(column, roles[column.header], units)
        measures = [c for c in columns if c.header not in roles and _is_measure(c, dataset)]
        if measures:
            yield "measures: # CHECK each quantity and unit"
        for column in measures:
            yield from self._measure(column, units)
        rest = [c for c in columns if c.header not in roles and c not in measures]
        if rest:
            yield "ignore: # CHECK: known and not read"
        for column in rest:
            shown = ", ".join(column.examples) or "empty in the samples"
            yield f"  - {quoted(column.header)} # {column.holds}: {_remark(shown)}"

    def _roles(self, columns: Sequence[SeenColumn], dataset: str) -> dict[str, str]:
        """Return the dataset's column for each header that has one; each is given once."""
        wanted, roles, taken = OF_DATASET.get(dataset, frozenset()), dict[str, str](), set[str]()
        when = time_column(columns)
        if when is not None and dataset in OF_DATASET:
            roles[when.header] = "measured_at" if dataset == "measurement" else "tested_at"
        for column in columns:
            role = role_of(column.name)
            numeric = role not in {"value", "sample_id", "replicate"} and column.holds == "number"
            if role in wanted and role not in taken and column.header not in roles and not numeric:
                roles[column.header] = role
                taken.add(role)
        return roles

    def _column(self, column: SeenColumn, role: str, units: dict[str, str]) -> Iterator[str]:
        parts = [f"name: {role}", f"headers: [{quoted(column.header)}]"]
        remarks = [f"e.g. {', '.join(column.examples[:2])}"] if column.examples else []
        must = role in {"sample_id", "quantity", "value"} and not column.missing_in
        if role in {"measured_at", "tested_at"}:
            parts.append("kind: time")
            parts += self._formats(column)
        elif role == "value":
            parts.append("kind: value")
            if unit := units.get(header_name(column.header)) or column.unit:
                parts.append(f"unit: {quoted(unit)}")
        elif role == "replicate":
            parts.append("kind: integer")
        if must:
            parts.append("must: true")
        yield f"  - {{{', '.join(parts)}}} # {_remark('; '.join([*remarks, *_absent(column)]))}"

    def _formats(self, column: SeenColumn) -> list[str]:
        if not column.formats:
            return []
        if is_ambiguous(column.formats):
            self.questions.append(
                f"columns, {column.header}: is {column.examples[0]} written day first or month "
                f"first? The samples fit {' and '.join(column.formats)}"
            )
            either = " or ".join(column.formats)
            return [f"formats: [{quoted(f'{TODO}: {either}')}]"]
        return [f"formats: [{quoted(column.formats[0])}]"]

    def _measure(self, column: SeenColumn, units: dict[str, str]) -> Iterator[str]:
        unit = units.get(header_name(column.header)) or column.unit
        code = QUANTITIES.get(column.name) or quantity_of(slug(column.name), kind="measured")
        parts = [f"headers: [{quoted(column.header)}]", f"quantity: {code}"]
        remarks = [f"e.g. {', '.join(column.examples[:2])}"]
        if unit:
            parts.append(f"unit: {quoted(unit)}")
            if unit_of(unit) is None:
                remarks.append(f"CHECK: the unit {unit} is not known and will not be converted")
        elif code in CANONICAL_UNITS and CANONICAL_UNITS[code] != "1":
            self.questions.append(f"measures, {column.header}: in which unit?")
            parts.append(f"unit: {TODO}")
        else:
            remarks.append("CHECK: no unit in the samples")
        yield f"  - {{{', '.join(parts)}}} # {_remark('; '.join([*remarks, *_absent(column)]))}"

    def _above(self, taken: set[str], dataset: str) -> Iterator[str]:
        """Yield what stands above the header of every sample, beside a label that is known."""
        told = [dict(labels_above(sample)) for sample in self.samples]
        shared = [label for label in told[0] if all(label in other for other in told[1:])]
        read: list[str] = []
        for label in shared:
            role = role_of(header_name(label))
            if role in OF_DATASET.get(dataset, frozenset()) and role not in taken:
                taken.add(role)
                read.append(f"  - {{name: {role}, labels: [{quoted(label)}]}} # {told[0][label]}")
        if read:
            yield "above:"
            yield from read
        for label in shared:
            if not any(f"[{quoted(label)}]" in line for line in read):
                yield f"# above the header and not read: {_remark(f'{label}: {told[0][label]}')}"


def quoted(text: str) -> str:
    """Return the text as YAML takes it inside a flow mapping."""
    plain = _PLAIN.match(text) and text.casefold() not in _WORDS_OF_YAML and text == text.strip()
    return text if plain else json.dumps(text, ensure_ascii=False)


def _is_measure(column: SeenColumn, dataset: str) -> bool:
    values = column.holds in {"number", "value"}
    return (
        values
        and dataset != "sample"
        and role_of(column.name) not in {"counter", "unit", "comment"}
    )


def _absent(column: SeenColumn) -> list[str]:
    return [f"not in {', '.join(column.missing_in)}"] if column.missing_in else []


def _remark(text: str) -> str:
    return " ".join(text.split())[:120]
