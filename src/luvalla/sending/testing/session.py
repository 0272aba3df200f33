"""One session of the receiver: envelopes and letters (RFC 5321, 2920, 3030, 6152, 6531)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from luvalla.sending.testing.doorway import Doorway
from luvalla.sending.testing.magic import Magic, magic_of
from luvalla.sending.testing.records import Received

if TYPE_CHECKING:
    from luvalla.sending.testing.connection import House
    from luvalla.sending.testing.switches import Switches

_MAIL: Final = re.compile(rb"MAIL FROM: ?<([^<>]*)>(.*)", re.IGNORECASE)
_RCPT: Final = re.compile(rb"RCPT TO: ?<([^<>]+)>(.*)", re.IGNORECASE)
_BDAT: Final = re.compile(rb"BDAT ([0-9]{1,12})( LAST)?", re.IGNORECASE)
_ESSAY: Final = b"".join(b"250-2.1.5 %b\r\n" % (b"word " * 90) for _ in range(20)) + b"250 2.1.5 Ok\r\n"


class Session(Doorway):
    """Takes letters, or does what their recipients' names ask for."""

    def __init__(self, house: House) -> None:
        """Start with no envelope."""
        super().__init__(house)
        self._taken = 0
        self._reset()

    def _reset(self) -> None:
        """Forget the envelope."""
        self._sender: bytes | None = None
        self._parameters = b""
        self._mailed_at = 0.0
        self._recipients: list[bytes] = []
        self._magic: Magic | None = None
        self._chunks: list[bytes] = []

    def _command(self, line: bytes) -> None:
        """Answer one command."""
        if self._awaiting is not None:
            self._awaiting(line)
            return
        handler = _HANDLERS.get(line[:4].upper())
        if handler is None:
            self._say(b"500", b"5.5.2", b"Unknown command")
        else:
            getattr(self, handler)(line)

    def _mail(self, line: bytes) -> None:
        """Begin an envelope. One that is open stays open, as Postfix has it, until RSET."""
        found = _MAIL.fullmatch(line)
        if found is None:
            self._say(b"501", b"5.5.4", b"MAIL FROM:<address>")
        elif self._house.users and not self._user:
            self._say(b"530", b"5.7.0", b"Log in first")
        elif self._sender is not None:
            self._say(b"503", b"5.5.1", b"Nested MAIL command")
        elif self._switches.messages_a_connection and self._taken >= self._switches.messages_a_connection:
            self._hang_up(b"421 4.7.0 Enough for one connection\r\n")
        elif not _is_allowed(found[1], found[2], self._switches):
            self._say(b"553", b"5.6.7", b"Not without SMTPUTF8")
        else:
            self._counters.mail_commands += 1
            self._sender, self._parameters, self._mailed_at = found[1], found[2].strip(), self._house.now()
            self._say(b"250", b"2.1.0")

    def _rcpt(self, line: bytes) -> None:
        """Take a recipient, or do what its name says."""
        found = _RCPT.fullmatch(line)
        if found is None:
            self._say(b"501", b"5.1.3", b"RCPT TO:<address>")
        elif self._sender is None:
            self._say(b"503", b"5.5.1", b"MAIL first")
        elif not _is_allowed(found[1], self._parameters, self._switches):
            self._say(b"553", b"5.6.7", b"Not without SMTPUTF8")
        else:
            magic = self._what_to_do(found[1])
            if magic is None or self._play_at_rcpt(magic):
                self._recipients.append(found[1])
                self._magic = magic
            if magic is None:
                self._say(b"250", b"2.1.5")

    def _what_to_do(self, recipient: bytes) -> Magic | None:
        """Read in a recipient's name how to misbehave; None to take the letter. A receiver of moods decides anew."""
        return magic_of(recipient)

    def _play_at_rcpt(self, magic: Magic) -> bool:
        """Do what a magic recipient asks for at RCPT; True when the recipient is taken."""
        act = magic.act
        if act in ("refuse", "defer"):
            self._count_refusal(magic)
            self._say(magic.code, magic.status, b"Not this one")
        elif act == "busy-open-421":
            self._counters.deferred += 1
            self._say(magic.code, magic.status, b"Later")
        elif act == "busy-421":
            self._hang_up(b"421 4.3.2 Later\r\n")
        elif act == "drop-before-data":
            self._slam()
        elif act == "stall":
            self._stall()
        elif act == "garbage":
            self._spoil(b"\x16\x03\x01 what?\r\n")
        elif act == "endless":
            self._spoil(b"250-" + b"and on " * 20000)
        else:
            self._out.append(_ESSAY if act == "essay" else b"250 2.1.5 Ok\r\n")
            return True
        return False

    def _count_refusal(self, magic: Magic) -> None:
        """Count an answer of no."""
        if magic.code.startswith(b"5"):
            self._counters.refused += 1
        else:
            self._counters.deferred += 1

    def _stall(self) -> None:
        """Say nothing more; what was ready still leaves."""
        self._counters.dropped += 1
        self._deaf = True

    def _spoil(self, noise: bytes) -> None:
        """Say something senseless, and nothing more."""
        self._out.append(noise)
        self._stall()

    def _data(self, _line: bytes) -> None:
        """Ask for the text."""
        if not self._recipients:
            self._say(b"554" if self._sender is not None else b"503", b"5.5.1", b"No valid recipients")
        else:
            self._in_data = True
            self._out.append(b"354 Go on\r\n")

    def _chunk(self, line: bytes, behind: int) -> int | None:
        """Take a BDAT and its bytes; give the position behind them, None while they aren't all there."""
        found = _BDAT.fullmatch(line)
        if found is None:
            self._say(b"501", b"5.5.4", b"BDAT size [LAST]")
            return behind
        end = behind + int(found[1])
        if len(self._buffer) < end:
            return None
        if not self._recipients:
            self._say(b"554", b"5.5.1", b"No valid recipients")
            return end
        self._chunks.append(bytes(self._buffer[behind:end]))
        if found[2]:
            self._finish(b"".join(self._chunks) if len(self._chunks) > 1 else self._chunks[0], chunked=True)
        else:
            self._say(b"250", b"2.0.0")
        return end

    def _finish(self, data: bytes, *, chunked: bool) -> None:
        """Answer a whole letter."""
        magic = self._magic
        if magic is not None and not self._play_at_end(magic, data, chunked=chunked):
            self._reset()
            return
        self._keep(data, chunked=chunked)
        self._reset()
        self._say(b"250", b"2.0.0")

    def _play_at_end(self, magic: Magic, data: bytes, *, chunked: bool) -> bool:
        """Do what a magic recipient asks for at the letter's end; True when it is to be kept and answered."""
        act = magic.act
        if act.endswith("-after-data"):
            self._keep(data, chunked=chunked)
        if act in ("refuse-data", "defer-data"):
            self._count_refusal(magic)
            self._say(magic.code, magic.status, b"Not this one")
        elif act == "busy-data-421":
            self._hang_up(b"421 4.3.2 Later\r\n")
        elif act.startswith("drop-"):
            self._slam()
        elif act == "stall-after-data":
            self._stall()
        elif act == "garbage-after-data":
            self._spoil(b"So be it!\r\n")
        else:
            return True
        return False

    def _keep(self, data: bytes, *, chunked: bool) -> None:
        """Hand a letter to the receiver."""
        self._taken += 1
        self._counters.messages += 1
        self._counters.bytes += len(data)
        message = Received(
            self._sender or b"",
            self._recipients,
            data,
            self._mailed_at,
            self._parameters,
            self._secure,
            chunked,
        )
        self._house.keep(message)

    def _rset(self, _line: bytes) -> None:
        """Forget the envelope."""
        self._reset()
        self._say(b"250", b"2.0.0")

    def _noop(self, _line: bytes) -> None:
        """Do nothing."""
        self._say(b"250", b"2.0.0")

    def _quit(self, _line: bytes) -> None:
        """Part in peace."""
        self._hang_up(b"221 2.0.0 Bye\r\n")


_HANDLERS: Final = {
    b"EHLO": "_ehlo",
    b"HELO": "_helo",
    b"STAR": "_starttls",
    b"AUTH": "_auth",
    b"MAIL": "_mail",
    b"RCPT": "_rcpt",
    b"DATA": "_data",
    b"RSET": "_rset",
    b"NOOP": "_noop",
    b"QUIT": "_quit",
}


def _is_allowed(address: bytes, parameters: bytes, on: Switches) -> bool:
    """Whether an address may be said: beyond ASCII only with SMTPUTF8 (RFC 6531)."""
    return address.isascii() or (on.utf8 and b"SMTPUTF8" in parameters.upper())
