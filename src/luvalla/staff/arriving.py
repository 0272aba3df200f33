"""Files that arrive with a form of the staff: in memory only, and no more of them than any form takes.

Django writes larger files to the disk while they arrive, in plain text and without an end, whoever sends them and
before anybody has asked who that is. Here no byte of them touches the disk: scans and copies are about people.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

STAFF: Final = "/staff/"
LARGEST: Final = 10 * 1024 * 1024
"""Bytes of the largest file that any form takes, and of all files of one request together."""


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

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:  # noqa: ARG002  # the same
        """Give the file to the form."""
        size = self._kept.tell()
        self._kept.seek(0)
        return InMemoryUploadedFile(
            self._kept, self.field_name, self.file_name or "", self.content_type or "", size, self.charset
        )

    def _may_send(self) -> bool:
        user = getattr(self.request, "user", None)
        return self.request is not None and self.request.path.startswith(STAFF) and bool(user and user.is_authenticated)
