"""Which column is for what: by the names that laboratories give them, in English and German."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cytolake.layouts.columns import SeenColumn

_WORDS: Mapping[str, str] = {
    "sample_id": "sample sample_id sample_name sampleid sample_no specimen specimen_id probe "
    "probe_id probenid proben_id probenname probennummer proben_nr probenbezeichnung",
    "batch_id": "batch batch_id batch_no lot lot_no lot_number charge chargen_nr",
    "analyst": "analyst operator user tested_by performed_by bediener benutzer anwender prüfer",
    "device_id": "instrument instrument_id device device_id analyzer gerät geräte_id geraet",
    "device_serial": "serial_number serial serial_no seriennummer instrument_serial_number",
    "well": "well well_position position vertiefung",
    "plate_id": "plate plate_id platte",
    "target": "target analyte gene zielgen analyt",
    "method": "method methode sop assay",
    "state": "state status",
    "comment": "comment comments remark remarks bemerkung kommentar",
    "replicate": "replicate rep replikat",
    "quantity": "attribute test analysis parameter quantity analyse prüfung messgrösse",
    "value": "result value ergebnis wert messwert",
    "unit": "unit units einheit",
    "time": "time date datetime date_time date/time measured_at measured tested_at tested "
    "analysis_date measurement_time timestamp zeit datum zeitpunkt messzeit datum/zeit datum_zeit",
    "counter": "no nr # index row lfd lfd_nr run_no id",
}
NAMES = {role: frozenset(words.split()) for role, words in _WORDS.items()}
_QUANTITIES: Mapping[str, str] = {
    "viability": "viability viabilität vitalität viab",
    "vcd": "vcd viable_cell_density lebendzelldichte lebendzellkonzentration",
    "tcd": "tcd total_cell_density gesamtzelldichte gesamtzellkonzentration",
    "cell_diameter": "diameter average_diameter durchmesser mittlerer_durchmesser zelldurchmesser",
    "temperature": "temperature temperatur temp",
    "osmolality": "osmolality osmolalität",
    "endotoxin": "endotoxin endotoxine",
    "ph": "ph ph_wert",
}
QUANTITIES = {name: code for code, names in _QUANTITIES.items() for name in names.split()}
"""What a measure's header may mean: proposed to a person, in a draft only."""
OF_DATASET: Mapping[str, frozenset[str]] = {
    "measurement": frozenset(
        {"sample_id", "analyst", "device_id", "device_serial", "well", "plate_id", "target"}
    ),
    "result": frozenset(
        {"sample_id", "batch_id", "analyst", "device_id", "method", "state", "comment"}
        | {"replicate", "quantity", "value", "unit"}
    ),
}


def role_of(name: str) -> str | None:
    """Return what a column or label of this name is for; None where the name does not tell."""
    plain = name.rstrip(".:")
    return next((role for role, names in NAMES.items() if plain in names), None)


def is_long(columns: Sequence[SeenColumn]) -> bool:
    """Tell whether the table has a value a line, its name in a column of its own."""
    roles = {role_of(column.name) for column in columns if column.holds != "nothing"}
    return {"quantity", "value"} <= roles


def time_column(columns: Sequence[SeenColumn]) -> SeenColumn | None:
    """Return the column with the time of the measurement: by its name, else the only one."""
    times = [column for column in columns if column.holds == "time"]
    named = [column for column in times if role_of(column.name) == "time"]
    return next(iter(named or times), None)
