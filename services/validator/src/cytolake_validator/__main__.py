"""`python -m cytolake_validator`: read the settings, build, run."""

from cytolake_runtime.service import serve
from cytolake_validator.app import build_app
from cytolake_validator.settings import ValidatorSettings

if __name__ == "__main__":
    serve(lambda: build_app(ValidatorSettings()))
