"""A plain mail to the rights mailbox becomes a case: no form, no signature, in whatever words (GDPR 12(2)).

The sender's address is what the mail claims, so nothing but a stop follows from it before the mailbox itself answers.
"""

from __future__ import annotations

from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any, Final, cast

from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.mailroom.reports import first_parts
from luvalla.organisation.models import Controller
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.steps import begin_at_once
from luvalla.rights.canary import is_canary
from luvalla.rights.cases import Said
from luvalla.rights.errors import FileRefused
from luvalla.rights.files import LARGEST, MOST, CheckedFile, check_file, scanned_file
from luvalla.rights.identity import without_codes
from luvalla.rights.languages import language_of
from luvalla.rights.mail_senders import answer_to
from luvalla.rights.mail_words import text_of
from luvalla.rights.models import DataRequest
from luvalla.rules.address import Address, NotAnAddress, normalise

LONGEST: Final = 20_000
"""Characters of a mail that its case shows; a longer one is kept as a file besides."""
WHOLE_TEXT: Final = "text.txt"
LONGEST_HEADER: Final = 1000
TO_NOBODY: Final = (DataRequest.Acknowledgement.PACED, "")
AUTOMATIC: Final = ("auto-replied", "auto-generated", "auto-notified")


class ShortHeaders(EmailPolicy):
    """Reads the beginning of a header only: the time that Python's parser takes grows with the square of its length."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """Give a header as its class understands it, cut where no mail of a person goes on.

        One that the parser trips over (nested brackets exhaust its stack) counts as empty: the request is still read.
        """
        try:
            return super().header_fetch_parse(name, value[:LONGEST_HEADER])
        except Exception:  # noqa: BLE001  # of many kinds, in a parser that isn't ours
            return super().header_fetch_parse(name, "")


READING: Final = ShortHeaders()


def take_request(raw: bytes, recipient: str) -> bool:
    """Take a mail to the rights mailbox in; False for mail to anybody else, which is no request to the desk.

    Notices that mail programs send by themselves open no case (RFC 3834), but for our own canary.
    """
    controller = Controller.objects.order_by("pk").first()
    if controller is None or not _is_for(controller, recipient):
        return False
    if is_canary(raw):
        _receive(Said(text="canary"), None, controller.default_language, ((), 0), TO_NOBODY, is_our_own=True)
        return True
    message = _read(raw)
    if message is None or _is_automatic(message):
        return True
    address = _sender(message)
    text, _ = without_codes(text_of(message))
    said = Said(address=address.text if address else "", text=text[:LONGEST])
    answer = answer_to(message, said.address)
    request = _receive(said, address, language_of(text, controller.default_language), _files(message, text), answer)
    begin_at_once(request=request)
    return True


def _receive(
    said: Said,
    address: Address | None,
    language: str,
    files: tuple[tuple[CheckedFile, ...], int],
    answer: tuple[DataRequest.Acknowledgement, str],
    *,
    is_our_own: bool = False,
) -> DataRequest:
    (kept, left_out), (acknowledgement, why_held) = files, answer
    arrival = Arrival(
        channel=DataRequest.Channel.MAIL,
        language=language,
        said=said,
        files=kept,
        left_out=left_out,
        is_canary=is_our_own,
        acknowledgement=acknowledgement,
        why_held=why_held,
    )
    return receive_request(arrival=arrival, address=address, actor=SYSTEM if is_our_own else SUBJECT)


def _is_for(controller: Controller, recipient: str) -> bool:
    """Tell whether an envelope's recipient is the rights mailbox, whatever its case or tag."""
    try:
        return normalise(recipient).folded == normalise(controller.dpo_email).folded
    except NotAnAddress:
        return False


def _read(raw: bytes) -> EmailMessage | None:
    try:
        return cast("EmailMessage", BytesParser(policy=READING).parsebytes(first_parts(raw)))
    except (MessageError, ValueError, LookupError):
        return None


def _is_automatic(message: EmailMessage) -> bool:
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    return submitted in AUTOMATIC or message.get_content_type() == "multipart/report"


def _sender(message: EmailMessage) -> Address | None:
    try:
        return normalise(parseaddr(str(message.get("From", "")))[1])
    except NotAnAddress:
        return None


def _files(message: EmailMessage, text: str) -> tuple[tuple[CheckedFile, ...], int]:
    """Give the files that may be kept, and how many are left out: programs, huge or infected ones, the eleventh.

    Words beyond what a case shows are kept as a file, whole.
    """
    kept = [CheckedFile(WHOLE_TEXT, "text/plain", text.encode()[:LARGEST])] if len(text) > LONGEST else []
    left_out = 0
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        try:
            file = check_file(part.get_filename() or "", content if isinstance(content, bytes) else b"")
            kept.append(scanned_file(file, actor=SUBJECT))
        except FileRefused:
            left_out += 1
    return tuple(kept[:MOST]), left_out + len(kept[MOST:])
