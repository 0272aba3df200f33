"""Coming in: EHLO, STARTTLS and AUTH, the receiver's side (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from base64 import b64decode

from luvalla.sending.testing.connection import Connection, House


class Doorway(Connection):
    """Says what is offered, changes to TLS, lets users in."""

    def __init__(self, house: House) -> None:
        """Start before the door."""
        super().__init__(house)
        self._secure = house.security == "tls"
        self._user = ""

    @abstractmethod
    def _reset(self) -> None:
        """Forget the envelope."""

    def _helo(self, _line: bytes) -> None:
        """Answer HELO."""
        self._reset()
        self._out.append(b"250 receiver.example\r\n")

    def _ehlo(self, _line: bytes) -> None:
        """Say what is offered."""
        if self._switches.no_ehlo:
            self._say(b"500", b"5.5.2", b"Unknown command")
            return
        self._reset()
        offered = [b"receiver.example", *self._offered()]
        self._out += [b"250-%b\r\n" % each for each in offered[:-1]] + [b"250 %b\r\n" % offered[-1]]

    def _offered(self) -> list[bytes]:
        """List the extensions."""
        on = self._switches
        starttls = on.starttls and self._house.security == "starttls" and not self._secure
        auth = bool(self._house.users) and (self._secure or self._house.security == "plain")
        offered = (
            (on.pipelining, b"PIPELINING"),
            (on.chunking, b"CHUNKING"),
            (on.eight_bit, b"8BITMIME"),
            (on.utf8, b"SMTPUTF8"),
            (on.status_codes, b"ENHANCEDSTATUSCODES"),
            (bool(on.size), b"SIZE %d" % on.size),
            (starttls, b"STARTTLS"),
            (auth, b"AUTH " + " ".join(on.auth).encode("ascii")),
            (True, b"HELP"),
        )
        return [word for is_on, word in offered if is_on]

    def _starttls(self, _line: bytes) -> None:
        """Change to TLS; whatever was sent behind the command is forgotten (RFC 3207 section 4.2)."""
        if self._house.security != "starttls" or self._secure:
            self._say(b"502", b"5.5.1", b"Not here")
        elif self._switches.refuse_starttls:
            self._say(b"454", b"4.7.0", b"TLS not available")
        else:
            self._say(b"220", b"2.0.0", b"Go ahead")
            if self._switches.inject_after_starttls:
                self._out.append(b"250 injected\r\n")
            self._buffer.clear()
            self._flush()
            if self._switches.drop_in_handshake:
                self._slam()
                return
            self._upgrade = asyncio.get_running_loop().create_task(self._wrap())
            assert self._transport is not None
            self._transport.pause_reading()

    async def _wrap(self) -> None:
        """Put TLS under the session and begin anew; what comes early waits until the answers go out under TLS too."""
        assert self._transport is not None
        assert self._house.context is not None
        try:
            wrapped = await asyncio.get_running_loop().start_tls(
                self._transport, self, self._house.context, server_side=True
            )
        except (OSError, ConnectionError):
            self._deaf = True
            return
        if wrapped is not None:
            self._transport, self._secure = wrapped, True
            self._counters.tls += 1
            self._reset()
            asyncio.get_running_loop().call_soon(self._read)

    def _auth(self, line: bytes) -> None:
        """Begin a log-in (RFC 4954)."""
        words = line.split(b" ")
        mechanism = words[1].upper() if len(words) > 1 else b""
        if mechanism.decode("ascii", "replace") not in self._switches.auth or not self._house.users:
            self._say(b"504", b"5.5.4", b"Not offered")
        elif mechanism == b"PLAIN" and len(words) > 2:
            self._plain(words[2])
        elif mechanism == b"PLAIN":
            self._out.append(b"334 \r\n")
            self._awaiting = self._plain
        elif len(words) > 2:
            self._login_name(words[2])
        else:
            self._out.append(b"334 VXNlcm5hbWU6\r\n")
            self._awaiting = self._login_name

    def _plain(self, word: bytes) -> None:
        """Check AUTH PLAIN."""
        parts = _decoded(word).split(b"\0")
        self._check(*(parts[1:] if len(parts) == 3 else (b"", b"")))

    def _login_name(self, word: bytes) -> None:
        """Take the name of AUTH LOGIN and ask for the password."""
        name = _decoded(word)
        self._out.append(b"334 UGFzc3dvcmQ6\r\n")
        self._awaiting = lambda word: self._check(name, _decoded(word))

    def _check(self, name: bytes, password: bytes) -> None:
        """Let in or not."""
        self._awaiting = None
        wanted = self._house.users.get(name.decode("utf-8", "replace"))
        if wanted is None or wanted.encode() != password:
            self._say(b"535", b"5.7.8", b"Wrong name or password")
            return
        self._user = name.decode()
        self._counters.logins += 1
        self._say(b"235", b"2.7.0", b"Welcome")


def _decoded(word: bytes) -> bytes:
    """Undo base64; b"" for what isn't."""
    try:
        return b64decode(word, validate=True)
    except ValueError:
        return b""
