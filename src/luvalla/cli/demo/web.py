"""The public pages on a free loopback port, for as long as the story needs them."""

from __future__ import annotations

import threading
from http import HTTPStatus
from socketserver import ThreadingMixIn
from types import TracebackType
from typing import Self
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a request: a page may wait for another."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    """Writes no line for a request: its address is a stop link."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Write nothing."""


class WebPages:
    """Serves the application while it is entered."""

    def __init__(self) -> None:
        """Bind a free port."""
        self._server = make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Silent)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def get(self, path: str) -> int:
        """Ask for a page and give the status."""
        return self._ask(Request(self._url(path)))  # noqa: S310  # our own loopback address

    def post(self, path: str, form: dict[str, str]) -> int:
        """Send a form and give the status."""
        return self._ask(Request(self._url(path), data=urlencode(form).encode(), method="POST"))  # noqa: S310  # the same

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def _ask(self, request: Request) -> int:
        try:
            with urlopen(request, timeout=60) as answer:  # noqa: S310  # our own loopback address
                return HTTPStatus(answer.status)
        except HTTPError as fault:
            return fault.code
