"""Why a file can't be adopted."""

from __future__ import annotations

from enum import StrEnum

from luvalla.notices.errors import NoticesError


class NoticeFault(StrEnum):
    """What is wrong with a file that should hold a notice."""

    TOO_LARGE = "too_large"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    NO_TEXT = "no_text"
    UNKNOWN_FORMAT = "unknown_format"
    UNKNOWN_LANGUAGE = "unknown_language"


class NotANotice(NoticesError):
    """The file can't be read as a privacy notice. Carries the fault; nothing of the file's text."""

    def __init__(self, fault: NoticeFault) -> None:
        """Keep the fault."""
        super().__init__(fault.value)
        self.fault = fault
