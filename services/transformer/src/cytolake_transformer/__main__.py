"""`python -m cytolake_transformer`: read the settings, build, run."""

from cytolake_runtime.service import serve
from cytolake_transformer.app import build_app
from cytolake_transformer.settings import TransformerSettings

if __name__ == "__main__":
    serve(lambda: build_app(TransformerSettings()))
