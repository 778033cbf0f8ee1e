"""`python -m cytolake_lineage`: settings from the environment, then run."""

from cytolake_lineage.app import build_app
from cytolake_lineage.settings import LineageSettings
from cytolake_runtime.service import serve

if __name__ == "__main__":
    serve(lambda: build_app(LineageSettings()))
