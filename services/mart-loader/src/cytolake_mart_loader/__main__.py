"""`python -m cytolake_mart_loader`: settings from the environment, then run."""

from cytolake_mart_loader.app import build_app
from cytolake_mart_loader.settings import MartLoaderSettings
from cytolake_runtime.service import serve

if __name__ == "__main__":
    serve(lambda: build_app(MartLoaderSettings()))
