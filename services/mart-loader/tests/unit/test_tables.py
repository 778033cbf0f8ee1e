from __future__ import annotations

from dataclasses import replace

import pytest

from cytolake_contracts.datasets import load_contracts
from cytolake_mart_loader.tables import MigrationError, create, grants, widen

MART = load_contracts()["mart_measurement"]
PRESENT = {
    column.name: column.physical_type.replace("timestamptz", "timestamp with time zone")
    for column in MART.columns
}


def test_nothing_to_do_for_a_table_that_is_as_its_contract_says() -> None:
    assert widen(MART, PRESENT) == []


def test_nothing_to_do_where_there_is_no_table_yet() -> None:
    assert widen(MART, {}) == []


def test_a_new_column_is_added_without_not_null() -> None:
    present = {
        name: kind for name, kind in PRESENT.items() if name not in {"vendor", "measured_at"}
    }
    assert widen(MART, present) == [
        'ALTER TABLE marts."mart_measurement" ADD COLUMN "measured_at" timestamp with time zone',
        'ALTER TABLE marts."mart_measurement" ADD COLUMN "vendor" text',
    ]


def test_a_column_that_the_contract_dropped_stays() -> None:
    assert widen(MART, PRESENT | {"of_an_older_contract": "text"}) == []


def test_a_changed_type_is_refused_with_words() -> None:
    with pytest.raises(MigrationError, match="value_num is text, its contract says double"):
        widen(MART, PRESENT | {"value_num": "text"})


def test_a_new_key_column_is_refused() -> None:
    present = {name: kind for name, kind in PRESENT.items() if name != "measurement_key"}
    with pytest.raises(MigrationError, match="measurement_key is absent"):
        widen(MART, present)


def test_the_slice_key_is_indexed_unless_the_primary_key_serves() -> None:
    assert 'ON marts."mart_measurement" ("object_id")' in create(MART)
    assert "CREATE INDEX" not in create(load_contracts()["mart_cell_growth"])


def test_a_mart_without_slice_key_is_refused() -> None:
    with pytest.raises(MigrationError, match="sliceKey"):
        create(replace(MART, slice_key=None))


def test_only_roles_that_the_server_has_are_granted() -> None:
    assert grants(["applied", "m"], ["postgres", "reader"]) == [
        'GRANT USAGE ON SCHEMA marts TO "reader"',
        'GRANT SELECT ON marts."applied" TO "reader"',
        'GRANT SELECT ON marts."m" TO "reader"',
    ]
