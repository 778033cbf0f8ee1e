"""An OTLP/HTTP collector for tests: it keeps which services said something in which trace."""

from __future__ import annotations

import gzip
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class TraceCollector:
    """What arrived so far; wait for more by `services_of`."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._services: defaultdict[str, set[str]] = defaultdict(set)
        self.endpoint = ""

    def take(self, body: bytes) -> None:
        """Keep what one export tells."""
        request = ExportTraceServiceRequest.FromString(body)
        with self._arrived:
            for spans in request.resource_spans:
                names = [
                    attribute.value.string_value
                    for attribute in spans.resource.attributes
                    if attribute.key == "service.name"
                ]
                for scope in spans.scope_spans:
                    for span in scope.spans:
                        self._services[span.trace_id.hex()].update(names)
            self._arrived.notify_all()

    def services_of(self, trace_id: str, *, wanted: set[str], seconds: float = 30) -> set[str]:
        """Wait until the wanted services are in the trace; return those that are."""
        with self._arrived:
            self._arrived.wait_for(lambda: wanted <= self._services[trace_id], timeout=seconds)
            return set(self._services[trace_id])


@contextmanager
def collecting() -> Iterator[TraceCollector]:
    """Serve a collector on a free loopback port."""
    collector = TraceCollector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_packed = self.headers.get("Content-Encoding") == "gzip"
            collector.take(gzip.decompress(body) if is_packed else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield collector
    server.shutdown()
    server.server_close()
    thread.join()
