"""Run intake: `python -m cytolake_ingest_gateway.intake`."""

from cytolake_ingest_gateway.intake.app import build_app
from cytolake_ingest_gateway.intake.settings import IntakeSettings
from cytolake_runtime.service import serve

if __name__ == "__main__":
    serve(lambda: build_app(IntakeSettings()))
