"""`python -m cytolake_transformer.dbt_cli …` is `dbt …`; the project is parsed once per version."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from cytolake_transformer.manifests import kept_manifest

FAILED = 1


def main(arguments: Sequence[str]) -> int:
    """Run dbt; both `--project-dir` and `--target` must be given. Return the exit code."""
    known = ArgumentParser(add_help=False)
    known.add_argument("--project-dir", type=Path, required=True)
    known.add_argument("--target", required=True)
    given, _ = known.parse_known_args(arguments)
    where = ("--project-dir", str(given.project_dir), "--profiles-dir", str(given.project_dir))

    def parse() -> Manifest:
        result = dbtRunner().invoke(["parse", *where, "--target", given.target, "--no-write-json"])
        if not isinstance(result.result, Manifest):
            raise SystemExit(str(result.exception))
        return result.result

    manifest = kept_manifest(given.project_dir, given.target, parse)
    done = dbtRunner(manifest=manifest).invoke(list(arguments))
    if done.exception is not None:
        print(done.exception, file=sys.stderr)  # noqa: T201 - a command speaks to its caller
    return 0 if done.success else FAILED


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
