"""The manifests: which declarative sources there are, and what each asks to be told."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cytolake.errors import StackError

COUNT = "__count"
"""A stream `x__count` gives one record with the LIMS's own `count` of stream `x`."""
UNSAFE = ("Custom",)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it was read."""

    path: Path
    text: str
    properties: dict[str, dict[str, Any]]
    required: tuple[str, ...]
    layout: str | None

    @property
    def secret(self) -> str | None:
        """Return the property that is a secret."""
        return next((n for n, p in self.properties.items() if p.get("airbyte_secret")), None)


def shipped() -> dict[str, Path]:
    """Return the manifests that come with Cytolake, by name."""
    default = Path(__file__).resolve().parents[4] / "airbyte"
    folder = Path(os.environ.get("CYTOLAKE_AIRBYTE_DIR", default))
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def read_manifest(wanted: str) -> Manifest:
    """Return a shipped manifest by name, or one in a file; raise StackError in words."""
    path = shipped().get(wanted) or Path(wanted)
    if not path.is_file():
        names = ", ".join(shipped())
        raise StackError(f"there is no manifest {wanted!r}: give a file, or one of {names}")
    text = path.read_text(encoding="utf-8")
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise StackError(f"{path} is not YAML: {error}") from error
    if not isinstance(tree, dict) or tree.get("type") != "DeclarativeSource":
        raise StackError(f"{path} is no Airbyte manifest: it begins with type: DeclarativeSource")
    if custom := _custom(tree):
        raise StackError(f"{path} asks for code of its own ({custom}): that is never run")
    asked = (tree.get("spec") or {}).get("connection_specification") or {}
    told = (tree.get("metadata") or {}).get("cytolake") or {}
    return Manifest(
        path,
        text,
        dict(asked.get("properties") or {}),
        tuple(asked.get("required") or ()),
        told.get("layout"),
    )


def _custom(tree: Any) -> str | None:  # noqa: ANN401 - what YAML may hold
    """Return the first component that names a Python class, None when there is none."""
    if isinstance(tree, dict):
        kind = tree.get("type")
        if (isinstance(kind, str) and kind.startswith(UNSAFE)) or "class_name" in tree:
            return str(tree.get("class_name") or kind)
        return next(filter(None, map(_custom, tree.values())), None)
    if isinstance(tree, list):
        return next(filter(None, map(_custom, tree)), None)
    return None
