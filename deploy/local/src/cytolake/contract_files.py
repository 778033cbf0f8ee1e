"""What derives from the dataset contracts, as files of a checkout: written, and compared.

Services derive the same in code by the same functions; the files are what people and other tools
read. One place per reader: contracts/derived for Great Expectations, Arrow and PostgreSQL,
dbt/models for dbt, docs/reference for people.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cytolake.errors import StackError
from cytolake.supervisor import TELEMETRY_OFF
from cytolake_contracts.arrow_text import arrow_schema_text
from cytolake_contracts.datasets import DatasetContract, contracts_in, postgres_ddl
from cytolake_contracts.dbt_yaml import dbt_model
from cytolake_contracts.pages import dataset_pages

CONTRACTS = Path("contracts", "datasets")
DERIVED = Path("contracts", "derived")
PAGES = Path("docs", "reference")
ONLY_DERIVED = (DERIVED, PAGES / "datasets")
"""Folders in which nothing else may lie."""
MODELS = Path("dbt", "models")
MODEL_FOLDERS = {"curated": MODELS / "curated", "mart": MODELS / "marts"}
MEND = "uv run cytolake contracts build"
LINES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not as the contracts say, and how."""

    path: Path
    what: str


def checkout(start: Path) -> Path:
    """Return the folder at or above `start` that holds the contracts; raise StackError."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / CONTRACTS).is_dir():
            return folder
    raise StackError(f"no {CONTRACTS} at or above {start}: run this in a checkout of Cytolake")


def read(folder: Path) -> dict[str, DatasetContract]:
    """Return the folder's contracts by dataset; raise StackError for one that is none."""
    try:
        return contracts_in(folder)
    except ValueError as error:  # it says what nothing can keep
        raise StackError(f"{folder}: {error}") from error


def artefacts(root: Path) -> dict[Path, str]:
    """Return every derived file by its path within the checkout."""
    # Great Expectations reads this when it is imported, which takes seconds: not before now.
    os.environ.update(TELEMETRY_OFF)
    from cytolake_transformer.sources import document  # noqa: PLC0415
    from cytolake_validator.gx_files import gx_files  # noqa: PLC0415

    contracts = read(root / CONTRACTS).values()
    files = {DERIVED / "gx" / name: text for name, text in gx_files(contracts).items()}
    files[MODELS / "raw" / "_raw__sources.yml"] = document(contracts)
    files |= {PAGES / name: text for name, text in dataset_pages(contracts).items()}
    return files | dict(_of_each(contracts))


def _of_each(contracts: Iterable[DatasetContract]) -> Iterator[tuple[Path, str]]:
    for contract in contracts:
        if contract.zone == "raw":
            yield DERIVED / "arrow" / f"{contract.name}.json", arrow_schema_text(contract)
        else:
            yield MODEL_FOLDERS[contract.zone] / f"{contract.name}.yml", dbt_model(contract)
        if contract.zone == "mart":
            yield DERIVED / "postgres" / f"{contract.name}.sql", postgres_ddl(contract)


def write(root: Path, files: Mapping[Path, str]) -> list[Path]:
    """Write what differs, delete what no contract leads to; return the paths touched."""
    differing = [difference.path for difference in differences(root, files)]
    for path in differing:
        if _has_unit_tests(root / path):
            beside = path.with_name(f"{path.stem}__unit_tests.yml")
            raise StackError(f"{path} holds unit tests: move them to {beside}, it is derived")
    for path in differing:
        if path in files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(files[path], encoding="utf-8")
        else:
            (root / path).unlink()
    return differing


def differences(root: Path, files: Mapping[Path, str]) -> list[Difference]:
    """Return every derived file that is missing, differs, or should not be there."""
    found = [
        Difference(path, what)
        for path, text in sorted(files.items())
        if (what := _difference(root / path, text))
    ]
    present = (path for folder in ONLY_DERIVED for path in sorted((root / folder).rglob("*.*")))
    strangers = (path.relative_to(root) for path in present if path.is_file())
    found += [Difference(p, "no contract leads to it") for p in strangers if p not in files]
    return found


def _difference(path: Path, text: str) -> str | None:
    if not path.is_file():
        return "is missing"
    present = path.read_text(encoding="utf-8")
    if present == text:
        return None
    lines = difflib.unified_diff(present.splitlines(), text.splitlines(), lineterm="", n=0)
    changed = (line for line in islice(lines, 2, None) if not line.startswith("@@"))
    return "differs (- as it is, + as the contracts say):\n    " + "\n    ".join(
        islice(changed, LINES_SHOWN)
    )


def _has_unit_tests(path: Path) -> bool:
    return path.suffix == ".yml" and path.is_file() and "\nunit_tests:" in path.read_text("utf-8")
