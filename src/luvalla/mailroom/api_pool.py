"""Letters through a mail API: each is one call, several at once, and what the API says becomes an Outcome.

An answer that was lost leaves its letter unknown, as behind SMTP. The API is told to count no opens and no clicks; one
that cannot be told takes no letters, unless its settings say that it is switched off there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from threading import local
from typing import TYPE_CHECKING, Any, Final

from luvalla.mailroom.api_answers import outcome_of_answer, outcome_of_fault
from luvalla.mailroom.api_relay import MARK, ApiRelay
from luvalla.sending.errors import RelayMisconfigured
from luvalla.sending.item import Item, MayStart, OnAccepted, OnBegin, OnOutcome
from luvalla.sending.outcome import Outcome, Reason, not_sent

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives

WRITTEN_ANEW: Final = frozenset(
    {
        "from", "to", "subject", "reply-to", "mime-version", "content-type", "content-transfer-encoding",
        "dkim-signature", "content-language",
    }
)  # fmt: skip
"""Header fields that the API writes itself; it signs the letter as well."""


class ApiPool:
    """Sends windows through a mail API, one window at a time."""

    def __init__(self, relay: ApiRelay, connections: int = 0) -> None:
        """Start without a connection."""
        self.relay = relay
        self._threads = ThreadPoolExecutor(max_workers=connections or relay.connections, thread_name_prefix="mail-api")
        self._at_once = connections or relay.connections
        self._own = local()

    def bear(self, *, connections: int, letters_a_connection: int = 0) -> None:
        """Make at most so many calls at once; a call is a connection of its own to the API."""
        del letters_a_connection
        self._at_once = max(1, connections)

    async def send_window(
        self,
        items: Sequence[Item],
        *,
        may_start: MayStart,
        on_outcome: OnOutcome,
        on_begin: OnBegin | None = None,
        on_accepted: OnAccepted | None = None,
    ) -> None:
        """Send these letters; on_outcome(index, outcome) is called exactly once for each, before this returns.

        may_start() is asked right before each call; from its first False on nothing more begins.
        """
        del on_accepted  # answers come one by one
        queue = list(reversed(items))
        loop = asyncio.get_running_loop()

        async def serve() -> None:
            while queue:
                item = queue.pop()
                if not may_start():
                    on_outcome(item.index, not_sent(Reason.DEADLINE))
                    continue
                if on_begin is not None:
                    on_begin((item.index,))
                on_outcome(item.index, await loop.run_in_executor(self._threads, self._send, item))

        await asyncio.gather(*(serve() for _ in range(min(self._at_once, len(items)))))

    async def close(self) -> None:
        """Wait for the calls under way, and part."""
        await asyncio.to_thread(self._threads.shutdown)

    def _send(self, item: Item) -> Outcome:
        """Make one call, in a thread with a connection of its own."""
        try:
            backend = self._backend()
        except RelayMisconfigured:
            return not_sent(Reason.AUTH)
        message = mail_for_api(item)
        if self.relay.can_report:
            message.metadata = {MARK: mark_of(item)}  # type: ignore[attr-defined]  # anymail reads it
        try:
            backend.send_messages([message])
        except Exception as fault:  # noqa: BLE001  # what an API does is an Outcome, never an exception
            return outcome_of_fault(fault, message)
        return outcome_of_answer(message)

    def _backend(self) -> Any:
        if not hasattr(self._own, "backend"):
            backend = self.relay.open_backend()
            backend.open()
            self._own.backend = backend
        return self._own.backend


def mark_of(item: Item) -> str:
    """Give the mark of a letter's return path, which says whose letter it is to nobody but us."""
    return item.envelope_sender.partition(b"@")[0].partition(b"+")[2].decode("ascii")


def mail_for_api(item: Item) -> EmailMultiAlternatives:
    """Take a finished letter apart into what an API wants: fields, texts, pictures, attachments."""
    from django.core.mail import EmailMultiAlternatives  # noqa: PLC0415  # only workers with such a relay need it

    raw = item.pieces if isinstance(item.pieces, bytes) else b"".join(item.pieces)
    letter = message_from_bytes(raw, policy=policy.default)
    mail = EmailMultiAlternatives(
        subject=str(letter["Subject"]),
        body=_text(letter, "plain"),
        from_email=str(letter["From"]),
        to=[item.recipient.decode()],
        reply_to=[str(letter["Reply-To"])] if letter["Reply-To"] else None,
        headers={name: str(value) for name, value in letter.items() if name.lower() not in WRITTEN_ANEW},
    )
    if html := _text(letter, "html"):
        mail.attach_alternative(html, "text/html")
    for part in letter.walk():
        if part.get_content_maintype() not in {"text", "multipart"} or part.is_attachment():
            mail.attach(part)
    mail.track_opens = mail.track_clicks = False  # type: ignore[attr-defined]  # anymail reads them
    return mail


def _text(letter: ParsedMessage, kind: str) -> str:
    """Give the letter's own text of a kind; "" when it has none."""
    part = letter.get_body(preferencelist=(kind,))
    return "" if part is None else str(part.get_content())
