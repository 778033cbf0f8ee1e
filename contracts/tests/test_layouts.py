"""Layout files: what is shipped is whole, and what is wrong is said with its line and a remedy."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cytolake_contracts.datasets import load_contracts
from cytolake_contracts.examples import FILES
from cytolake_contracts.layouts import (
    HeaderPlace,
    Layout,
    LayoutError,
    group_members,
    header_name,
    layout_digest,
    layout_texts,
    load_layouts,
    read_layout,
)
from cytolake_contracts.schemas import layout_schema

GIVEN = {"object_id", "run_id", "run_no", "row_no"}
GOOD = """\
layout: counts
title: cell counts
dataset: measurement
columns:
  - {name: sample_id, headers: [Probe], must: true}
measures:
  - {headers: ["VCD (10^6 cells/mL)"], quantity: vcd, unit: 10^6 cells/mL}
"""


def read(text: str, file: str = "counts.layout.yaml") -> None:
    read_layout(text, file=file, contracts=load_contracts())


def test_the_schema_file_is_the_models() -> None:
    written = json.loads((FILES / "layouts" / "layout.schema.json").read_text())
    assert layout_schema() == written, "run: python -m cytolake_contracts.write_schemas"
    Draft202012Validator.check_schema(written)


@pytest.mark.parametrize("name", layout_texts())
def test_shipped_layouts_are_named_after_themselves(name: str) -> None:
    assert load_layouts()[name.removesuffix(".layout.yaml")].title


def test_a_sites_own_stand_beside_the_shipped(tmp_path: Path) -> None:
    (tmp_path / "counts.layout.yaml").write_text(GOOD)
    found = load_layouts(tmp_path)
    assert {"counts", "sample_list"} <= set(found)
    assert load_layouts(tmp_path / "not there") == load_layouts()


def test_a_shipped_name_is_not_taken(tmp_path: Path) -> None:
    text = layout_texts()["sample_list.layout.yaml"]
    (tmp_path / "sample_list.layout.yaml").write_text(text)
    with pytest.raises(LayoutError, match="shipped layout"):
        load_layouts(tmp_path)


def test_the_digest_changes_with_what_is_said() -> None:
    contracts = load_contracts()
    one = read_layout(GOOD, file="counts.layout.yaml", contracts=contracts)
    again = read_layout(f"# remark\n{GOOD}", file="counts.layout.yaml", contracts=contracts)
    other = read_layout(
        GOOD.replace("10^6 cells/mL}", "cells/mL}"), file="counts.layout.yaml", contracts=contracts
    )
    assert layout_digest(one) == layout_digest(again) != layout_digest(other)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("title: cell counts", "titel: cell counts"), 2, "titel: there is no such field"),
        (("title: cell counts", ""), 1, "title: is missing"),
        (("measurement", "measurements"), 3, "there is no raw dataset 'measurements'"),
        (("name: sample_id", "name: sampel_id"), 5, "has no column 'sampel_id'"),
        (("must: true", "must: maybe"), 5, "but is 'maybe'"),
        (("must: true", "kind: time"), 5, "sample_id is text"),
        (("[Probe]", "['VCD (10^6 Cells/mL)']"), 7, "stands at two columns"),
        (("layout: counts", "layout: count"), 1, "belongs into a file count.layout.yaml"),
        (("title: cell counts", "title: a\ntitle: b"), 3, "stands twice"),
        (("title: cell counts", "title: a\ntimes: {zone: Berlin}"), 3, "no IANA time zone"),
        (("title: cell counts", "title: a\ntimes: {formats: ['%H:%M']}"), 3, "no time format"),
        (
            ("title: cell counts", "title: a\ntimes: {formats: ['%d %d %Y']}"),
            3,
            "no time format",
        ),
        (
            ("title: cell counts", "title: a\nfile: {kind: pdf}"),
            3,
            "'csv', 'xlsx', 'json', 'parquet' or",
        ),
        (("title: cell counts", "title: a\nlarge: true\nfile: {kind: xlsx}"), 3, "only csv"),
        (("title: cell counts", "title: a\nfile: {encoding: utf-99}"), 3, "no encoding of text"),
        (("title: cell counts", "title: [a"), 3, "this is not YAML"),
        ((GOOD, "- 1"), 1, "a layout is a list of"),
        ((GOOD, ""), 1, "a layout is a list of"),
        (("dataset: measurement", "dataset: sample"), 4, "sample needs batch_id in every row"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    change: tuple[str, str], line: int, words: str
) -> None:
    with pytest.raises(LayoutError) as caught:
        read(GOOD.replace(*change))
    told = [fault for fault in caught.value.faults if words in str(fault)]
    assert [fault.line for fault in told][:1] == [line], str(caught.value)
    assert str(caught.value).startswith("counts.layout.yaml, line ")


RECORDS = """\
layout: counts
title: counts of a LIMS
dataset: batch
file: {kind: json}
group: site
when: {field: type, is: ["batch.*"]}
records: data
columns:
  - {name: batch_id, headers: [data.batch], must: true}
"""


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("kind: json", "kind: csv"), 5, "only layouts of records have it"),
        (("kind: json", "kind: parquet"), 7, "only JSON is searched"),
        (("group: site", "group: counts"), 5, "not named as one of its layouts"),
        (('when: {field: type, is: ["batch.*"]}', ""), 5, "say by `when`"),
        (("field: type, is", "is"), 6, "belong together"),
        (('field: type, is: ["batch.*"]', "stream: []"), 6, "say `field` and `is`, or `stream`"),
        (("records: data", "skip_without: [site]"), 7, "no column is named site"),
        (("is:", "is_:"), 6, "there is no such field"),
        (("records: data", "header: {row: 3}"), 7, "records have no header"),
        (("records: data", "above: [{name: site, labels: [S]}]"), 7, "records have no header"),
        (("kind: json", "kind: json, encoding: cp1252"), 4, "records have no header"),
        (("must: true", "kind: time, clock: [t]"), 9, "date and clock must stand in one"),
        (("dataset: batch", "dataset: quality_event"), 8, "needs event_id in every row"),
    ],
)
def test_what_is_wrong_in_a_layout_of_records(
    change: tuple[str, str], line: int, words: str
) -> None:
    read(RECORDS)
    assert change[0] in RECORDS
    with pytest.raises(LayoutError) as caught:
        read(RECORDS.replace(*change))
    told = [fault for fault in caught.value.faults if words in str(fault)]
    assert [fault.line for fault in told][:1] == [line], str(caught.value)


def test_every_raw_dataset_of_a_lims_has_its_canonical_layout() -> None:
    of_a_lims = {
        name
        for name, contract in load_contracts().items()
        if contract.zone == "raw" and "lims" in contract.column_names
    }
    members = group_members(load_layouts(), "lims_canonical")
    assert {one.dataset: one.name for one in members} == {n: f"lims_{n}" for n in of_a_lims}
    for one in members:
        filled = {column.name for column in one.columns}
        wanted = set(load_contracts()[one.dataset].column_names) - GIVEN - {"lims"}
        assert one.dataset == "result" or wanted <= filled, one.name


def test_headers_are_compared_without_their_dress() -> None:
    assert header_name(" Sample-ID ") == header_name("sample_id") == "sample_id"
    assert header_name("\u00b5g/mL") == header_name("\u03bcg/mL") == "ug/ml"
    assert header_name("VCD (10^6/mL)") != header_name("VCD (10^5/mL)")


FIELDS = st.sampled_from(
    [*Layout.model_fields, *HeaderPlace.model_fields, "decimal", "headers", "kind", "x"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.text(max_size=60) | st.dictionaries(FIELDS, VALUES, max_size=8).map(yaml.safe_dump))
def test_any_text_is_a_layout_or_a_fault(text: str) -> None:
    with suppress(LayoutError):
        read(text)
