from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pyarrow as pa
import pytest
import yaml

from cytolake_contracts.dataset_types import ZONES
from cytolake_contracts.datasets import (
    ContractError,
    DatasetContract,
    contract_texts,
    load_contracts,
    postgres_ddl,
    read_contract,
)
from cytolake_contracts.dbt_yaml import dbt_source

CONTRACTS = load_contracts()
TEXTS = contract_texts()


def test_the_datasets_of_the_spine_are_here() -> None:
    by_zone = {zone: {c.name for c in CONTRACTS.values() if c.zone == zone} for zone in ZONES}
    assert by_zone["raw"] >= {"measurement", "sample"}
    assert by_zone["curated"] >= {"dim_sample", "dim_instrument", "fct_measurement"}
    assert by_zone["mart"] >= {"mart_measurement", "mart_cell_growth"}


@pytest.mark.parametrize("path", TEXTS)
def test_every_file_keeps_the_standard(path: str) -> None:
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(yaml.safe_load(TEXTS[path]))


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
class TestEveryContract:
    def test_names_a_key_among_its_required_columns(self, contract: DatasetContract) -> None:
        required = {column.name for column in contract.columns if column.required}
        assert contract.primary_key
        assert set(contract.primary_key) <= required

    def test_says_what_every_column_is(self, contract: DatasetContract) -> None:
        assert all(len(column.description) > 8 for column in contract.columns)

    def test_has_an_arrow_schema_in_its_order(self, contract: DatasetContract) -> None:
        assert tuple(contract.arrow_schema().names) == contract.column_names

    def test_makes_a_table_with_every_column(self, contract: DatasetContract) -> None:
        ddl = postgres_ddl(contract)
        assert all(f'\n  "{name}" ' in ddl for name in contract.column_names)
        assert ddl.count("COMMENT ON COLUMN") == len(contract.columns)

    def test_tells_dbt_every_column(self, contract: DatasetContract) -> None:
        columns = dbt_source(contract)["columns"]
        assert isinstance(columns, list)
        assert tuple(column["name"] for column in columns) == contract.column_names


def test_marts_name_the_column_that_builds_slice_them_by() -> None:
    assert CONTRACTS["mart_measurement"].slice_key == "object_id"
    assert CONTRACTS["mart_cell_growth"].slice_key == "batch_id"


def test_types_are_those_of_the_raw_files() -> None:
    schema = CONTRACTS["measurement"].arrow_schema()
    assert schema.field("measured_at").type == pa.timestamp("us", tz="UTC")
    assert schema.field("value_num").type == pa.float64()
    assert schema.field("measurement_key").nullable, "a missing value is the validator's to name"


def test_ddl_reads_as_postgresql() -> None:
    growth = CONTRACTS["mart_cell_growth"]
    rules = tuple(rule for rule in growth.rules if rule.id == "viability_is_a_percentage")
    first = replace(growth, columns=growth.columns[:2], rules=rules, description="A batch's day.")
    assert postgres_ddl(first) == (
        'CREATE TABLE IF NOT EXISTS "marts"."mart_cell_growth" (\n'
        '  "batch_id" text NOT NULL,\n'
        '  "culture_day" double precision NOT NULL,\n'
        '  PRIMARY KEY ("batch_id", "culture_day"),\n'
        '  CONSTRAINT "viability_is_a_percentage" '
        'CHECK ("viability" >= 0 AND "viability" <= 100) NOT ENFORCED\n'
        ");\n"
        'COMMENT ON TABLE "marts"."mart_cell_growth" IS \'one row per batch and culture day. '
        f"A batch''s day. Contract: {growth.reference}; owner: cell-analytics-data.';\n"
        'COMMENT ON COLUMN "marts"."mart_cell_growth"."batch_id" IS '
        "'The manufacturing batch (ISA-88).';\n"
        'COMMENT ON COLUMN "marts"."mart_cell_growth"."culture_day" IS '
        "'Days since the culture began. Unit: d.';\n"
    )


class TestUnkeepableContract:
    SAMPLE = TEXTS["raw/sample.odcs.yaml"]

    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            ("severity: warn", "severity: error", "block or warn"),
            ("values_to_be_between", "values_to_be_nice", "unknown expectation"),
            ("id: batch_id_has_text", "id: sample_id_has_text", "stands twice"),
            ("physicalType: double precision", "physicalType: text", "lie between bounds"),
            ("metric: invalidValues", "metric: rowCount", "nothing here can keep"),
            ("value: raw}", "value: attic}", "raw, curated or mart"),
            ("name: cell-analytics-data", "name: null", "names the team"),
            ("version: 1.1.0", "version: 2.0.0", "to be named sample_v2"),
            ("version: 1.1.0", "version: next", "not of the form"),
            ("element: sample.collected_at", "element: sample.nothing", "unknown columns"),
        ],
    )
    def test_is_refused_in_words(self, before: str, after: str, words: str) -> None:
        assert before in self.SAMPLE
        with pytest.raises(ContractError, match=words):
            read_contract(self.SAMPLE.replace(before, after))
