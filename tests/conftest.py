"""Fixtures for every test below this folder; helpers are in tests/support."""

from tests.support.stack import minio_servers, minio_stack, servers, stack, traces

__all__ = ["minio_servers", "minio_stack", "servers", "stack", "traces"]
