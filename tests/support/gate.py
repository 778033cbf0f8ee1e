"""A gate before a server: shut it, and the server is away for whoever goes through it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self


class Gate:
    """Forwards TCP from a port of its own; thread-based, for clients that block."""

    def __init__(self, port: int) -> None:
        """Open before the server on this port of the loopback interface."""
        self._behind = port
        self._open: list[socket.socket] = []
        self._listener = _listening(0)
        self.port: int = self._listener.getsockname()[1]
        self._serve()

    def shut(self) -> None:
        """Cut every connection and refuse new ones."""
        _cut(self._listener)
        for end in self._open:
            _cut(end)
        self._open.clear()

    def reopen(self) -> None:
        """Let through again, on the same port."""
        self._listener = _listening(self.port)
        self._serve()

    def __enter__(self) -> Self:
        """Open already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Shut for good."""
        self.shut()

    def _serve(self) -> None:
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self._behind))
                self._open += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=_copy, args=pair, daemon=True).start()


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _cut(sink)
    _cut(source)


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept or recv
    end.close()
