"""The exception tree of sending: faults of configuration and of the program, never of the network (that is an Outcome).

SendingError
├── RelayMisconfigured      the relay's URL or settings cannot work; carries a RelayFault
├── LetterError
│   ├── HeaderInjection     a control character in something that becomes a header
│   ├── BadSource           a part of the letter cannot become mail; carries a SourceFault
│   ├── BadValue            a value does not fit its hole; carries a ValueFault
│   └── BrokenLetter        stored bytes are not a frozen letter
├── SigningError            a DKIM key or its name cannot be used; carries a KeyFault
└── WrongUse                a connection or pool was used in a way it cannot be; carries a Misuse

A fault's value is its sentence in English; whoever shows it translates it by the fault itself.
No exception repeats a value: it may be an address or a password.
"""

from __future__ import annotations

import enum


class SendingError(Exception):
    """Something about sending is set up or called wrongly."""


class RelayFault(enum.StrEnum):
    """What can be wrong with a relay's URL or settings."""

    NOT_A_URL = "The relay's URL is not a URL"
    SCHEME = "The relay's URL does not start with smtp://, smtps:// or smtp+starttls://"
    PATH = (
        "The relay's URL has something after the host. "
        "In a user name or password, / is written %2F, # is written %23 and ? is written %3F"
    )
    OPTION = "The relay's URL has an option that is unknown or given twice"
    NUMBER = "An option of the relay's URL is not a whole number"
    HOST = "The relay's host is neither a name nor an IP address"
    PORT = "The relay's port is not a number between 1 and 65535"
    EHLO_NAME = "The name to greet the relay with is not a host name"
    WINDOW = "A relay's window is 1 to 32 letters"
    CONNECTIONS = "A relay needs at least one connection"
    CREDENTIALS = "The relay's user name or password has a NUL in it, or there is a password without a user name"
    PASSWORD_IN_CLEAR = "The relay's password would go unencrypted: use smtps:// or smtp+starttls://"  # noqa: S105  # a sentence
    PASSWORD_TWICE = "The relay's password is in the URL and in a file: keep it in one place"  # noqa: S105  # a sentence
    PASSWORD_FILE = "The file with the relay's password cannot be read"  # noqa: S105  # a sentence
    CA_FILE = "The file of certificates to trust cannot be read"


class RelayMisconfigured(SendingError):
    """The relay's URL or settings cannot work."""

    def __init__(self, fault: RelayFault) -> None:
        """Carry the fault."""
        super().__init__(fault.value)
        self.fault = fault


class LetterError(SendingError):
    """A letter cannot be made."""


class SourcePart(enum.StrEnum):
    """The parts of a letter that an error may be about."""

    SENDER = "The sender"
    REPLY_TO = "The reply address"
    RECIPIENT = "The recipient"
    SUBJECT = "The subject"
    TEXT = "The text"
    HTML = "The HTML"
    LANGUAGE = "The language"
    LIST_ID = "The list's id"
    LIST_NAME = "The list's name"
    STOP_ADDRESS = "The stop address"
    STOP_MAIL = "The stop address for mail"
    MESSAGE_ID_DOMAIN = "The domain of the Message-ID"
    DATE = "The date"
    IMAGE = "An image"
    ATTACHMENT = "An attachment"
    ATTACHMENT_NAME = "An attachment's name"
    EXTRA_HEADER = "An extra header"


class HeaderInjection(LetterError):
    """A line break, NUL or another control character stands in something that becomes a header."""

    def __init__(self, part: SourcePart) -> None:
        """Name the part, never its value."""
        super().__init__(f"{part.value} has a line break or another control character in it; no header can carry it")
        self.part = part


class SourceFault(enum.StrEnum):
    """What can keep a part of a letter from becoming mail."""

    ADDRESS = "is not an address that mail can carry"
    DOMAIN = "is not a domain name"
    LANGUAGE = "is not a language tag"
    EMPTY = "is empty"
    URL = "is not an https:// or http:// address that a header can carry"
    LIST_ID = "is not a list's name: letters, digits, hyphens and dots"
    HEADER_NAME = "is not a header's name, or is one that the compiler writes itself"
    NOT_ASCII = "is not plain ASCII"
    TOO_LONG = "is too long for one line of a header"
    DATE = "has no time zone"
    NUL = "has a NUL or half a character in it"
    CONTENT_TYPE = "is not a content type"
    CID = "is not a content id, is given twice, or is never used"
    FIELD = "has a field that is not declared"
    NO_STOP = "has no place for the stop address"


class BadSource(LetterError):
    """A part of the letter cannot become mail."""

    def __init__(self, part: SourcePart, fault: SourceFault) -> None:
        """Name the part and carry the fault."""
        super().__init__(f"{part.value} {fault.value}")
        self.part = part
        self.fault = fault


class ValueFault(enum.StrEnum):
    """How a value can fail to fit its hole."""

    MISSING = "is missing"
    PATTERN = "is too long, or has characters that do not belong there"


class BadValue(LetterError):
    """A value does not fit its hole."""

    def __init__(self, hole: str, fault: ValueFault) -> None:
        """Name the hole and carry the fault."""
        super().__init__(f"The value for {hole} {fault.value}")
        self.hole = hole
        self.fault = fault


class BrokenLetter(LetterError):
    """The stored bytes are not a frozen letter of a version this program reads."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(self.__doc__)


class KeyFault(enum.StrEnum):
    """What can be wrong with a DKIM key."""

    KIND = "A DKIM key is RSA or Ed25519"
    SHORT = "A DKIM key of RSA has at least 1024 bits, better 2048 (RFC 8301)"
    UNREADABLE = "The DKIM key is not an unencrypted private key in PEM"
    NAME = "The DKIM domain or selector is not a domain name"


class SigningError(SendingError):
    """A DKIM key, domain or selector cannot be used."""

    def __init__(self, fault: KeyFault) -> None:
        """Carry the fault."""
        super().__init__(fault.value)
        self.fault = fault


class Misuse(enum.StrEnum):
    """How a connection or pool can be misused."""

    CLOSED = "This connection is not open"
    BUSY = "Another window is being sent on this connection or pool"
    SAME_INDEX = "Two letters of one window have the same index"


class WrongUse(SendingError):
    """A connection or pool was used in a way it cannot be."""

    def __init__(self, misuse: Misuse) -> None:
        """Carry the misuse."""
        super().__init__(misuse.value)
        self.misuse = misuse
