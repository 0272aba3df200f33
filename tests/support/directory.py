"""A directory (OpenID provider) that lies in whatever way a test asks it to."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

CLIENT = "luvalla"


class LyingDirectory:
    """Answers at its own port. What it says of a person is `claims`; every attribute may be changed by a test."""

    def __init__(self) -> None:
        self.key = self.signing_key = _KEY
        self.algorithm, self.kid = "RS256", "one"
        self.claims: dict[str, Any] = {}
        self.user_info: dict[str, Any] | None = None
        self.document: dict[str, Any] = {}
        self.has_id_token = True
        self.codes: list[str] = []
        self.asked: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self.server.server_port
        self.issuer = f"http://localhost:{self.port}"

    def id_token(self, nonce: str) -> str:
        """Give the ID token as the test wants it."""
        now = int(time.time())
        said = {
            "iss": self.issuer, "sub": "person-1", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce,
            "email": "aino.salmela@esimerkki.fi", "email_verified": True, **self.claims,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        if self.algorithm == "none":
            return jwt.encode(said, "", algorithm="none")
        return jwt.encode(said, self.signing_key, algorithm=self.algorithm, headers={"kid": self.kid})

    def _answer(self, path: str, body: str) -> Any:
        if path == "/.well-known/openid-configuration":
            places = {f"{each}_endpoint": f"{self.issuer}/{each}" for each in ("authorization", "token", "userinfo")}
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **places, **self.document}
        if path == "/keys":
            numbers = self.key.public_key().public_numbers()
            return {"keys": [{"kty": "RSA", "kid": "one", "n": _spelled(numbers.n), "e": _spelled(numbers.e)}]}
        if path == "/token":
            code = parse_qs(body)["code"][0]
            if code in self.codes:
                return None
            self.codes.append(code)
            given = {"access_token": "x", "token_type": "Bearer", "expires_in": 300}
            return {**given, "id_token": self.id_token(code.partition("|")[2])} if self.has_id_token else given
        return {"sub": "person-1"} if self.user_info is None else self.user_info

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        directory = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say("")

            def do_POST(self) -> None:
                self._say(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

            def _say(self, body: str) -> None:
                path = urlsplit(self.path).path
                directory.asked.append(path)
                said = directory._answer(path, body)
                answer = json.dumps({"error": "invalid_grant"} if said is None else said).encode()
                self.send_response(400 if said is None else 200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
                """Say nothing."""

        return Handler


@contextmanager
def lying_directory() -> Iterator[LyingDirectory]:
    """Run a directory while the test needs it."""
    directory = LyingDirectory()
    thread = threading.Thread(target=directory.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield directory
    finally:
        directory.server.shutdown()
        directory.server.server_close()
        thread.join()


def new_key() -> RSAPrivateKey:
    """Make a key that nobody has published."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def _spelled(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8)).decode().rstrip("=")


_KEY = new_key()
