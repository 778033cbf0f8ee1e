from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from cytolake_validator.gx_import import gxe
assert not {"scipy.stats", "altair", "google.cloud.secretmanager"} & sys.modules.keys()
assert not any(name.startswith("google.cloud.secretmanager_v1") for name in sys.modules)
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as kl
assert "scipy.stats" not in sys.modules
assert kl.stats.entropy([1.0]) == 0.0
import scipy.stats
assert sys.modules["scipy.stats"] is scipy.stats and scipy.stats.entropy is kl.stats.entropy
import altair
assert kl.alt.Chart is altair.Chart
"""


def test_what_is_put_off_is_there_when_it_is_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
