"""Run the api: `python -m cytolake_ingest_gateway.api`."""

from cytolake_ingest_gateway.api.server import serve
from cytolake_ingest_gateway.api.settings import ApiSettings

if __name__ == "__main__":
    serve(ApiSettings())
