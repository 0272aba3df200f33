"""The exception tree of the campaigns room. Each says what happened and what to do, in the language of the interface.

CampaignError
├── IllegalStep         the campaign is not in a state from which this can be done
├── CampaignFrozen      something was to be changed that can't be changed any more
├── NotTheApprover      the person may not approve this campaign; carries why
├── LetterChanged       the letter is not the one that was looked at
├── LetterIncomplete    the letter can't be submitted as it is; carries what is missing
├── LetterUnfit         the letter or the organisation's details cannot become mail; carries why
├── TimePassed          a letter was to be sent at a time that has passed
├── BadFile             a campaign's file cannot be read; carries the line and the fault
├── BadLink             an address that a letter may not link to; carries the fault
├── BadPicture          a file that cannot be a picture of a letter; carries the fault
└── PictureInUse        a picture was to be deleted that a letter shows
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from django.core.exceptions import PermissionDenied


class CampaignError(Exception):
    """Something about a campaign cannot be done."""

    def __str__(self) -> str:
        """Say it in the language of the interface."""
        from luvalla.campaigns.sentences import sentence_of  # noqa: PLC0415  # the sentences need the errors

        return sentence_of(self)


class IllegalStep(CampaignError):
    """The campaign is not in a state from which this can be done."""

    def __init__(self, *, state: str, step: str) -> None:
        """Keep the state and the step that was tried."""
        super().__init__(state, step)
        self.state, self.step = state, step


class CampaignFrozen(CampaignError):
    """The campaign was submitted or approved: what it says cannot be changed any more."""

    def __init__(self, state: str) -> None:
        """Keep the state."""
        super().__init__(state)
        self.state = state


class WhyNot(StrEnum):
    """Why somebody may not approve a campaign."""

    AUTHOR = "author"
    LAST_EDITOR = "last_editor"
    ROLE = "role"
    UNDERTAKING = "undertaking"


class NotTheApprover(CampaignError):
    """The person may not approve this campaign."""

    def __init__(self, why: WhyNot) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


class LetterChanged(CampaignError):
    """The letter was changed after it was looked at."""


class Lack(StrEnum):
    """What keeps a letter from being submitted."""

    SUBJECT = "subject"
    BODY = "body"
    ALTERNATIVE_TEXT = "alternative_text"
    PICTURE = "picture"
    LINK = "link"
    RESERVED_WORD = "reserved_word"


class LetterIncomplete(CampaignError):
    """The letter can't be submitted as it is."""

    def __init__(self, lacks: Sequence[Lack]) -> None:
        """Keep what is missing, in the order of the letter."""
        super().__init__(*lacks)
        self.lacks = tuple(lacks)


class LetterUnfit(CampaignError):
    """The letter, or what the organisation's record gives to it, cannot become mail."""

    def __init__(self, why: str) -> None:
        """Keep what the compiler said."""
        super().__init__(why)
        self.why = why


class TimePassed(CampaignError):
    """A letter was to be sent at a time that has passed."""


class FileFault(StrEnum):
    """Why a campaign's file cannot be read."""

    NOT_UTF8 = "not_utf8"
    TOO_LARGE = "too_large"
    CONTROL_CHARACTER = "control_character"
    NO_SUBJECT = "no_subject"
    NOT_A_HEADER = "not_a_header"
    UNKNOWN_HEADER = "unknown_header"
    TWICE = "twice"
    TOO_LONG = "too_long"
    UNKNOWN_LANGUAGE = "unknown_language"
    NO_BODY = "no_body"
    BAD_LINK = "bad_link"
    REMOTE_PICTURE = "remote_picture"
    NO_ALTERNATIVE_TEXT = "no_alternative_text"
    PICTURE_AMONG_WORDS = "picture_among_words"
    NO_PICTURE = "no_picture"
    BAD_PICTURE = "bad_picture"


class BadFile(CampaignError):
    """A campaign's file cannot be read. Carries the line, counted from 1, and what is wrong there."""

    def __init__(self, fault: FileFault, line: int, about: str = "") -> None:
        """Keep fault and line; about is a header's or picture's name, or a limit."""
        super().__init__(fault, line, about)
        self.fault, self.line, self.about = fault, line, about


class LinkFault(StrEnum):
    """Why a letter may not link to an address."""

    EMPTY = "empty"
    SCHEME = "scheme"
    NO_HOST = "no_host"
    CREDENTIALS = "credentials"
    CHARACTER = "character"
    NOT_AN_ADDRESS = "not_an_address"


class BadLink(CampaignError):
    """An address that a letter may not link to."""

    def __init__(self, fault: LinkFault) -> None:
        """Keep the fault."""
        super().__init__(fault)
        self.fault = fault


class PictureFault(StrEnum):
    """Why a file cannot be a picture of a letter."""

    NOT_A_PICTURE = "not_a_picture"
    FORMAT = "format"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    BROKEN = "broken"
    REPLACED = "replaced"


class BadPicture(CampaignError):
    """A file that cannot be a picture of a letter."""

    def __init__(self, fault: PictureFault) -> None:
        """Keep the fault."""
        super().__init__(fault)
        self.fault = fault


class PictureInUse(CampaignError, PermissionDenied):
    """A picture was to be deleted that a submitted or sent letter shows. The editor answers it as a refusal."""
