"""Rows of datasets with a value a row, from wide columns or from a long table.

Filled by the names of the dataset's own columns: what a dataset does not have is left out, what
a layout does not give is null.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cytolake_contracts import ReasonCode
from cytolake_contracts.datasets import DatasetContract
from cytolake_contracts.layouts import VALUE_NAMES, Layout, layout_digest
from cytolake_ingest_gateway.converter.flatten import measurement_key
from cytolake_ingest_gateway.converter.grid import Line
from cytolake_ingest_gateway.converter.headers import Header, LayoutMismatchError
from cytolake_ingest_gateway.converter.lines import Fields, LineReader
from cytolake_ingest_gateway.converter.quantities import CANONICAL_UNITS, quantity_of
from cytolake_ingest_gateway.converter.times import Moment
from cytolake_ingest_gateway.converter.units import converted, unit_of
from cytolake_ingest_gateway.converter.values import Value, qualified

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A value with what it is of, and where it stands in the file."""

    name: str | None
    quantity: str | None
    unit: str | None
    value: Value
    path: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ValueRows:
    """Makes the rows of one table, and remembers what a reader of them should know."""

    layout: Layout
    contract: DatasetContract
    reader: LineReader
    ids: Mapping[str, Any]
    otherwise_at: Moment
    missing: int = 0
    untimed: int = 0
    units: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    """Records that are not ready, by the column that they lack."""
    same: Row = field(init=False)
    """What every row of the table carries, in the dataset's columns; the rest is null."""

    def __post_init__(self) -> None:
        known = {
            "is_custom": False,
            "kind": "measured",
            "vendor": self.layout.name,
            "layout": self.layout.name,
            "parser_version": f"layout {self.layout.version}+{layout_digest(self.layout)}",
            **self.ids,
        }
        row: Row = {column.name: None for column in self.contract.columns}
        self.same = row | {name: value for name, value in known.items() if name in row}

    def rows(self, line: Line, row_no: int, fields: Fields) -> Iterator[Row]:
        """Yield a row per value of the line."""
        base = self._base(fields, row_no)
        for named in self._values(line, row_no, fields):
            yield base | {k: v for k, v in self._made(named, base).items() if k in base}

    def warnings(self) -> Iterator[str]:
        """Yield what is to be said of the rows made so far."""
        for name, times in sorted(self.skipped.items()):
            yield (
                f"{times} record(s) without {name} are not ready and are left out; they are read "
                "once they come with it."
            )
        if self.missing:
            yield f"{self.missing} value(s) are missing in the file and are shown as empty."
        if self.untimed:
            yield f"{self.untimed} value(s) have no time of their own; the file's time is used."
        for unit, times in sorted(self.units.items()):
            yield f"The unit {unit!r} of {times} value(s) is not known, so they are not converted."

    def _base(self, fields: Fields, row_no: int) -> Row:
        given = {name: value for name, value in fields.items() if name not in VALUE_NAMES}
        known = {"row_no": row_no, "ordinal": row_no - 1, **given}
        return self.same | {name: value for name, value in known.items() if name in self.same}

    def _values(self, line: Line, row_no: int, fields: Fields) -> Iterator[Named]:
        header, place = self.reader.header, self.reader.grid.place(line)
        for measure in self.layout.measures:
            index = header.place(measure.headers)
            value = None
            if index is not None:
                value = self.reader.value(line, index, measure.unit, row_no)
            if index is not None and value is not None:
                name = header.cells[index]
                yield Named(
                    name=name,
                    quantity=measure.quantity or quantity_of(name, kind=measure.kind),
                    unit=measure.unit,
                    value=value,
                    path=f"{place}/{name}",
                    more={"kind": measure.kind, "target": measure.target},
                )
        if "value" in fields:
            yield self._long(header, fields, place)

    def _long(self, header: Header, fields: Fields, where: str) -> Named:
        column = next((c for c in self.layout.columns if c.name == "value"), None)
        index = header.place(column.spellings) if column else None
        name = fields.get("quantity")
        kind = fields.get("kind") or "measured"
        return Named(
            name=name,
            quantity=quantity_of(name, kind=kind) if name else None,
            unit=fields.get("unit") or (column.unit if column else None),
            value=self._qualified(fields["value"] or Value(raw=""), fields, where),
            path=f"{where}/{header.cells[index]}" if index is not None else where,
        )

    def _qualified(self, value: Value, fields: Fields, where: str) -> Value:
        said = fields.get("qualifier")
        try:
            return qualified(value, said) if said else value
        except ValueError:
            raise LayoutMismatchError(
                ReasonCode.BAD_CELL,
                f"{where.capitalize()}: {value.raw!r} is not {said!r}. The result and its "
                "qualifier contradict each other; correct one of them.",
            ) from None

    def _made(self, named: Named, base: Row) -> Row:
        value, unit = named.value, unit_of(named.unit)
        self.missing += value.is_missing
        if named.unit and unit is None and value.num is not None:
            self.units[named.unit] += 1
        key = measurement_key(str(base["object_id"]), named.path)
        made = {
            "quantity_raw": named.name,
            "attribute_raw": named.name,
            "quantity": named.quantity,
            "attribute": named.quantity,
            "value_raw": value.raw or None,
            "value_num": value.num,
            "value_text": value.text,
            "qualifier": value.qualifier,
            "unit_raw": named.unit,
            "unit_ucum": unit.ucum if unit else None,
            "value_std": _standard(value, named),
            "source_path": named.path,
            "measurement_key": key,
            "result_key": key,
            **{name: told for name, told in named.more.items() if told is not None},
        }
        return made | self._time(base)

    def _time(self, base: Row) -> Row:
        """A measurement always has a time; a reported result only the one that was told."""
        if "time_source" not in base:
            return {}
        at = base.get("measured_at")
        self.untimed += at is None
        if at is not None:
            return {"time_source": "device"}
        return {"measured_at": self.otherwise_at.at, "time_source": self.otherwise_at.source}


def _standard(value: Value, named: Named) -> float | None:
    unit = unit_of(named.unit)
    canonical = unit_of(CANONICAL_UNITS.get(named.quantity or ""))
    if value.num is None or unit is None or canonical is None:
        return None
    found = converted(value.num, unit, canonical)
    return found if found is None or abs(found) < float("inf") else None
