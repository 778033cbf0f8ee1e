"""Run the converter: `python -m cytolake_ingest_gateway.converter`."""

from cytolake_ingest_gateway.converter.app import build_app
from cytolake_ingest_gateway.converter.settings import ConverterSettings
from cytolake_runtime.service import serve

if __name__ == "__main__":
    serve(lambda: build_app(ConverterSettings()))
