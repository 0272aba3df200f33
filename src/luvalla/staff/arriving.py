"""Files that arrive with a form of the staff: in memory only, scanned, and no more of them than any form takes.

Django writes larger files to the disk while they arrive, in plain text and without an end, whoever sends them and
before anybody has asked who that is. Here no byte of them touches the disk: scans and copies are about people.

Every file comes by here, so here the virus scanner is asked. What it refuses is let go at once; the form gets an empty
file with the reason, and tells it beside the field, with everything else that was typed still there.
"""

from __future__ import annotations

from io import SEEK_END, BytesIO
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.organisation.errors import ScannerAway
from luvalla.organisation.scanner import is_infected
from luvalla.people.models import User
from luvalla.people.queries import actor_of

STAFF: Final = "/staff/"
LARGEST: Final = 10 * 1024 * 1024
"""Bytes of the largest file that any form takes, and of all files of one request together."""


INFECTED: Final = pgettext_lazy(
    "file", "The virus scanner found something in this file, so it was not taken. Don't open it on your machine."
)
UNSCANNED: Final = pgettext_lazy(
    "file", "The virus scanner gives no answer, so the file was not taken. Try again later, or tell the maintainers."
)


class ArrivedFile(InMemoryUploadedFile):
    """A file in memory, and the sentence that says why it was let go, if it was."""

    held: str | Promise = ""


class ScannedFileField(forms.FileField):
    """A file that came through the scanner; for one that didn't the form says why."""

    def to_python(self, data: Any) -> Any:
        """Give the file; ValidationError with the reason for one that was let go."""
        if isinstance(data, ArrivedFile) and data.held:
            raise ValidationError(str(data.held), code="held")
        return super().to_python(data)


class InMemory(FileUploadHandler):
    """Keeps files of somebody who is signed in; those of a stranger, and of pages without accounts, are let go.

    What is too large is cut one byte behind the largest size, so that the form that gets it says what is wrong.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with the whole room."""
        super().__init__(*args, **kwargs)
        self._room = LARGEST + 1
        self._kept = BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; without room for it, or from a stranger, it is passed over."""
        super().new_file(*args, **kwargs)
        if not self._room or not self._may_send():
            raise SkipFile
        self._kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002  # Django's signature
        """Keep a chunk as far as there is room."""
        self._room -= self._kept.write(raw_data[: self._room])

    def file_complete(self, file_size: int) -> ArrivedFile:  # noqa: ARG002  # the same
        """Have the file scanned and give it to the form; what is held back has no content any more."""
        held = self._held()
        if held:
            self._kept = BytesIO()
        size = self._kept.seek(0, SEEK_END)
        self._kept.seek(0)
        file = ArrivedFile(
            self._kept, self.field_name, self.file_name or "", self.content_type or "", size, self.charset
        )
        file.held = held
        return file

    def _held(self) -> str | Promise:
        assert self.request is not None
        assert isinstance(self.request.user, User)
        try:
            return INFECTED if is_infected(self._kept.getvalue(), actor=actor_of(self.request.user)) else ""
        except ScannerAway:
            return UNSCANNED

    def _may_send(self) -> bool:
        user = getattr(self.request, "user", None)
        return self.request is not None and self.request.path.startswith(STAFF) and bool(user and user.is_authenticated)
