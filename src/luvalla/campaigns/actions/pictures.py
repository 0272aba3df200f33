"""Taking in pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

from luvalla.campaigns.errors import BadFile, BadPicture, FileFault
from luvalla.campaigns.models import Picture, PreparedContent
from luvalla.campaigns.pictures import MOST_BYTES, prepare_picture
from luvalla.ledger.actors import Actor
from luvalla.people.models import User


def add_picture(*, content: bytes, title: str, by: User, actor: Actor) -> Picture:
    """Keep a picture for letters, re-encoded, with its row in the ledger; BadPicture when the file cannot be one."""
    prepared, ending = prepare_picture(BytesIO(content))
    picture = Picture(title=title, file=PreparedContent(prepared, name=f"picture.{ending}"), uploaded_by_user=by)
    picture.brought_by = actor
    picture.save()
    return picture


class PicturesBeside:
    """The pictures that lie beside a campaign's file; each is taken in once."""

    def __init__(self, folder: Path, by: User, actor: Actor) -> None:
        """Keep the folder, and who brings them."""
        self.folder, self.by, self.actor = folder.resolve(), by, actor
        self.taken: dict[str, Picture] = {}

    def take(self, name: str, line: int) -> int:
        """Take in the picture of that name and give its id; BadFile when there is none or it cannot be one."""
        if name not in self.taken:
            place = (self.folder / unquote(name)).resolve()
            if not place.is_relative_to(self.folder) or not place.is_file():
                raise BadFile(FileFault.NO_PICTURE, line, name)
            with place.open("rb") as stream:
                content = stream.read(MOST_BYTES + 1)
            try:
                self.taken[name] = add_picture(content=content, title=place.stem, by=self.by, actor=self.actor)
            except BadPicture as fault:
                raise BadFile(FileFault.BAD_PICTURE, line, str(fault)) from None
        return int(self.taken[name].pk)

    @contextmanager
    def kept_only_on_success(self) -> Iterator[None]:
        """Remove the files of the pictures taken in when what they were for fails: no transaction does that."""
        try:
            yield
        except BaseException:
            for picture in self.taken.values():
                picture.file.storage.delete(picture.file.name)
            raise
