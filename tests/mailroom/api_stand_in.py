"""A stand-in for Postmark's API on loopback: the part of its HTTP interface that takes letters."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

TOKEN = "server-token"  # the stand-in's own
ACCEPTED = {"ErrorCode": 0, "Message": "OK", "MessageID": "b7bc2f4a-e38e-4336-af7d-e6c392c2f817"}


@dataclass
class ApiStandIn:
    """Listens while it is entered. answer: HTTP status and document for a letter; None hangs up, a number waits."""

    answer: Callable[[dict[str, Any]], tuple[int, dict[str, Any]] | float | None] = lambda _: (200, ACCEPTED)
    letters: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Listen on a free port."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.send_response(405)
                self.end_headers()

            def do_POST(self) -> None:
                letter = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.headers["X-Postmark-Server-Token"] != TOKEN:
                    self._say(401, {"ErrorCode": 10, "Message": "Bad or missing Server API token."})
                    return
                answer = stand_in.answer(letter)
                stand_in.letters.append(letter)
                if isinstance(answer, float):
                    time.sleep(answer)
                if isinstance(answer, tuple):
                    status, document = answer
                    self._say(status, {"To": letter["To"], **document})
                else:
                    self.close_connection = True

            def _say(self, status: int, document: dict[str, Any]) -> None:
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                del args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._server.server_address[1]}"
