"""Uploads that are sealed while they arrive: no byte of them touches the disk in plain text."""

from __future__ import annotations

from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from luvalla.register.uploads import LARGEST, SealedWriter, begin_upload, delete_upload

FIELD: Final = "file"
"""The only field in which a file is taken."""


class SealedUpload(UploadedFile):  # type: ignore[type-arg]  # the class takes no argument when it runs
    """What a form gets: the name and size of the file, and under which name it lies sealed."""

    def __init__(self, name: str, size: int, sealed_as: str) -> None:
        """Keep where the file is; its content isn't at hand."""
        super().__init__(file=None, name=name, size=size)
        self.sealed_as = sealed_as


class SealingHandler(FileUploadHandler):
    """Takes one file and seals it chunk by chunk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without a file."""
        super().__init__(*args, **kwargs)
        self.sealed_as = ""
        self.was_too_large = False
        self._writer: SealedWriter | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a sealed file for the first file of the form's field; any other one is passed over."""
        super().new_file(*args, **kwargs)
        if self.field_name != FIELD or self.sealed_as:
            raise SkipFile
        self.sealed_as, self._writer = begin_upload()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seal a chunk; give the file up when it grows too large."""
        assert self._writer is not None
        if start + len(raw_data) > LARGEST:
            self.was_too_large = True
            self.upload_interrupted()
            raise SkipFile
        self._writer.write(raw_data)

    def file_complete(self, file_size: int) -> SealedUpload:
        """Give the sealed file to the form."""
        assert self._writer is not None
        self._writer.close()
        return SealedUpload(self.file_name or "", file_size, self.sealed_as)

    def upload_interrupted(self) -> None:
        """Delete what has arrived."""
        if self._writer is not None:
            self._writer.close()
            delete_upload(self.sealed_as)
            self._writer = None
