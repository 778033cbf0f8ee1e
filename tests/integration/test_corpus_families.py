"""Every instrument file at hand stands in the staging view of exactly one technique family.

The files are published test inputs (see test_corpus_instruments, test_corpus_flow).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cytolake_transformer.builds import Load
from tests.support.corpus import DATA, FOLDER, Corpus, manifest, rows_of
from tests.support.lake import SmallLake

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="there is no ../shared/data here"),
]
FAMILIES = {
    "stg_cell_counting": {
        "BECKMAN_VI_CELL_BLU",
        "BECKMAN_VI_CELL_XR",
        "CHEMOMETEC_NC_VIEW",
        "CHEMOMETEC_NUCLEOVIEW",
        "REVVITY_MATRIX",
    },
    "stg_metabolites": {"ROCHE_CEDEX_BIOHT", "NOVABIO_FLEX2"},
    "stg_pcr": {"APPBIO_QUANTSTUDIO", "APPBIO_QUANTSTUDIO_DESIGNANDANALYSIS", "QIACUITY_DPCR"},
    "stg_plate_reader": {"AGILENT_GEN5", "MOLDEV_SOFTMAX_PRO", "MABTECH_APEX"},
    "stg_flow_populations": {"FLOWJO", "FCS"},
    "stg_multiplex": {"LUMINEX_XPONENT"},
    "stg_chromatography": {"BENCHLING_EMPOWER", "CYTIVA_UNICORN"},
    "stg_nucleic_acid": {"THERMO_FISHER_NANODROP_EIGHT", "THERMO_FISHER_QUBIT4"},
}


def files() -> list[tuple[str, Path]]:
    flow = ("data1.fcs", "data_set_simple_line_100.fcs")
    return [
        *((one["vendor"], FOLDER / one["file"]) for one in manifest()),
        *(("FCS", DATA / "flow" / name) for name in flow),
    ]


@pytest.fixture(scope="module")
def lake(small_lake: SmallLake, corpus: Corpus) -> SmallLake:
    """A lake that every file is in."""
    small_lake.empty()
    small_lake.building.answer([_load(small_lake, corpus, *one) for one in files()])
    return small_lake


def _load(lake: SmallLake, corpus: Corpus, vendor: str, path: Path) -> Load:
    found = corpus.converted(vendor, path)
    unlike = ("object_id", "run_id", "run_no", "measurement_key")
    told = [
        {key: value for key, value in row.items() if key not in unlike} for row in rows_of(found)
    ]
    return lake.raw.run(found.parquet.dataset, f"{vendor}/{path.name}", told)


def test_every_file_stands_in_exactly_one_family(lake: SmallLake) -> None:
    counted = {
        name: dict(lake.rows(f"SELECT vendor, count(*) FROM lake.staging.{name} GROUP BY vendor"))
        for name in FAMILIES
    }
    assert {name: set(found) for name, found in counted.items()} == FAMILIES
    objects = " UNION ALL ".join(
        f"SELECT DISTINCT object_id, '{name}' AS family FROM lake.staging.{name}"
        for name in FAMILIES
    )
    (once,) = lake.rows(f"SELECT count(*), count(DISTINCT object_id) FROM ({objects})")
    assert once == (len(files()), len(files()))


COLUMNS = {
    "stg_cell_counting": ("viability_percent", "BECKMAN_VI_CELL_BLU", 10),
    "stg_metabolites": ("molar_concentration_mmol_per_l", "NOVABIO_FLEX2", 36),
    "stg_pcr": ("copies_per_ul", "QIACUITY_DPCR", 30),
    "stg_plate_reader": ("absorbance_mau", "AGILENT_GEN5", 96),
    "stg_flow_populations": ("events_of_population", "FLOWJO", 20),
    "stg_multiplex": ("median_fluorescence_rfu", "LUMINEX_XPONENT", 8),
    "stg_chromatography": ("injection_volume_ul", "BENCHLING_EMPOWER", 7),
    "stg_nucleic_acid": ("concentration_ng_per_ul", "THERMO_FISHER_NANODROP_EIGHT", 5),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_values_of_a_family_are_in_their_columns(lake: SmallLake, name: str) -> None:
    column, vendor, at_least = COLUMNS[name]
    query = f"SELECT count({column}) FROM lake.staging.{name} WHERE vendor = '{vendor}'"
    assert lake.rows(query)[0][0] >= at_least
