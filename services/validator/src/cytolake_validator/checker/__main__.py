"""`python -m cytolake_validator.checker`: read the settings, build, run, behind everybody else."""

import os

from cytolake_runtime.service import serve
from cytolake_validator.checker.app import build_app
from cytolake_validator.checker.settings import CheckerSettings

if __name__ == "__main__":
    settings = CheckerSettings()
    os.nice(settings.checker_niceness)
    serve(lambda: build_app(settings))
