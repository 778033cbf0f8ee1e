"""The workspace as files: what git tracks, which modules belong to which distribution."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = ("contracts", "services/*", "deploy/*")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks and that is still there, absolute."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    files = (ROOT / name for name in listing.stdout.split("\0") if name)
    return tuple(file for file in files if file.is_file())


def relative(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def texts() -> dict[str, str]:
    """Every tracked file that is UTF-8 text, by its path in the repository."""
    found = {}
    for file in tracked():
        try:
            found[relative(file)] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def members() -> tuple[Path, ...]:
    """The folders of the workspace's distributions."""
    return tuple(
        sorted(file.parent for glob in MEMBERS for file in ROOT.glob(f"{glob}/pyproject.toml"))
    )


def sources() -> tuple[Path, ...]:
    """Every tracked module that is shipped."""
    return tuple(file for file in modules() if "src" in file.parts)


def modules() -> tuple[Path, ...]:
    """Every tracked module, tests and scripts among them."""
    return tuple(file for file in tracked() if file.suffix == ".py")


@dataclass(frozen=True, slots=True)
class Function:
    """One function or method, with its length in lines, docstring apart."""

    where: str
    lines: int


def functions(file: Path) -> list[Function]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        Function(f"{relative(file)}:{node.lineno} {node.name}", _length(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is None:
        return whole
    docstring = node.body[0]
    return whole - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)
