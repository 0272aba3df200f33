"""Letters by DATA: with their envelopes pipelined, or one command at a time (RFC 5321, RFC 2920)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from luvalla.sending.dialogue import Buffers, Dialogue, Flight
from luvalla.sending.item import Item
from luvalla.sending.outcome import Step
from luvalla.sending.reply import Reply

_LONE: Final = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class DataDialogue(Dialogue):
    """What both forms share: the text itself, and what is to be reset after a refusal."""

    _open_envelope = True
    """A refusal, perhaps the last of an earlier window, may have left the server inside a transaction."""

    def _commands(self, item: Item) -> list[bytes]:
        """Write MAIL, RCPT and DATA."""
        size = b" SIZE=%d" % item.size if self._can.size else b""
        utf8 = b" BODY=8BITMIME SMTPUTF8" if item.utf8 else b""
        return [
            b"MAIL FROM:<%b>%b%b\r\n" % (item.envelope_sender, size, utf8),
            b"RCPT TO:<%b>\r\n" % item.recipient,
            b"DATA\r\n",
        ]

    def _go_ahead(self, flight: Flight) -> None:
        """Hand over the text after a 354; an empty one, going nowhere, where the recipient was refused (RFC 2920)."""
        if flight.verdict is not None and flight.contradicted:
            self._break()
        flight.step = Step.BODY
        flight.load(to_data(flight.item.pieces) if flight.verdict is None else (b".\r\n",))
        self._outbox.appendleft(flight)

    def _refused(self, flight: Flight) -> None:
        """End a letter whose text was not asked for."""
        if flight.verdict is None:
            self._break()
        self._flights.popleft()
        self._open_envelope = True
        self._settle(flight, flight.verdict)

    def _is_whole(self, flight: Flight) -> bool:
        """Before the text has begun there is nothing the server could keep."""
        return flight.step is Step.BODY and flight.left == 0


class PipelinedDataDialogue(DataDialogue):
    """MAIL, RCPT and DATA in one write, behind the text of the letter before."""

    def _top_up(self) -> None:
        """Open the next envelope when no other is open: DATA is the last command of its group."""
        if self._flights and (len(self._flights) > 1 or self._flights[0].step is not Step.BODY):
            return
        item = self._next_item()
        if item is not None:
            self._launch(self._envelope(item))

    def _envelope(self, item: Item) -> Flight:
        """Write an envelope."""
        frame = self._commands(item)
        if self._open_envelope:
            self._open_envelope = False
            return Flight(item, Step.RSET, (b"RSET\r\n", *frame), opens=True)
        return Flight(item, Step.MAIL, frame, opens=True)

    def _hear(self, flight: Flight, reply: Reply) -> None:
        """Take the next reply to a letter."""
        if flight.step is Step.BODY:
            self._conclude(flight, reply)
            self._manners.proven |= bool(self._flights)
        elif flight.step is Step.DATA:
            self._hear_data(flight, reply)
        else:
            if flight.step is Step.RSET and reply.code >= 300 and reply.code != 421:
                self._break()
            self._object(flight, reply)
            flight.step = Step(flight.step + 1)

    def _hear_data(self, flight: Flight, reply: Reply) -> None:
        """Go on with the text, or end."""
        if reply.code == 354:
            self._go_ahead(flight)
        elif reply.code < 400:
            self._break()
        else:
            self._object(flight, reply)
            self._refused(flight)


class LockStepDialogue(DataDialogue):
    """One command, one reply; understood by every server."""

    def _top_up(self) -> None:
        """Take the next letter when the one before has its answer."""
        if self._flights:
            return
        item = self._next_item()
        if item is not None:
            first = Step.RSET if self._open_envelope else Step.MAIL
            self._launch(Flight(item, first, self._command(item, first), opens=first is Step.MAIL))
            self._open_envelope = False

    def _is_early(self, flight: Flight) -> bool:
        """Each frame is one command."""
        return flight.left > 0

    def _command(self, item: Item, step: Step) -> Buffers:
        """Write one command."""
        return (b"RSET\r\n",) if step is Step.RSET else (self._commands(item)[step - Step.MAIL],)

    def _hear(self, flight: Flight, reply: Reply) -> None:
        """Take the reply, and load the next command."""
        if flight.step is Step.BODY:
            self._conclude(flight, reply)
        elif flight.step is Step.DATA and reply.code == 354:
            self._go_ahead(flight)
        elif reply.code >= 400:
            self._object(flight, reply)
            self._refused(flight)
        elif reply.code >= 300 or flight.step is Step.DATA:
            self._break()
        else:
            flight.step = Step(flight.step + 1)
            flight.load(self._command(flight.item, flight.step), opens=flight.step is Step.MAIL)
            self._outbox.append(flight)


def to_data(pieces: bytes | Sequence[bytes]) -> Buffers:
    """Make a message fit for DATA: CRLF at every line's end, dots doubled, the lone dot behind (RFC 5321 4.5.2).

    A bare CR or LF is made a CRLF: left alone, it could end the letter for one server and not for another.
    """
    text = pieces if isinstance(pieces, bytes) else b"".join(pieces)
    if not text.count(b"\n") == text.count(b"\r") == text.count(b"\r\n"):
        text = _LONE.sub(b"\r\n", text)
    if b"\r\n." in text or text.startswith(b"."):
        text = text.replace(b"\r\n.", b"\r\n..")
        text = b"." + text if text.startswith(b".") else text
    return (text, b".\r\n" if text.endswith(b"\r\n") or not text else b"\r\n.\r\n")
