"""An upload whose columns are being looked at: kept in the person's session until it is compared or let go."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import PurePath
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase

from luvalla.register.importing.background import chosen_options
from luvalla.register.importing.export import Export
from luvalla.register.models import Audience, Source
from luvalla.register.uploads import delete_upload, open_upload
from luvalla.rules.purposes import PermissionKind

KEY: Final = "import_draft"
LONGEST_NAME: Final = 120


@dataclass(slots=True)
class Draft:
    """What a person has said about an upload so far."""

    upload: str
    file_name: str
    source: int
    audience: int | None
    permission: str
    purposes: list[str] = field(default_factory=list)
    chosen: dict[str, Any] = field(default_factory=dict)

    def export(self) -> Export:
        """Look at the file; NotReadable, FileNotFoundError or SealBroken when that can't be done."""
        return Export(partial(open_upload, self.upload), chosen_options(self.chosen, PermissionKind(self.permission)))

    def the_source(self) -> Source:
        """Give the source."""
        return Source.objects.get(pk=self.source)

    def the_audience(self) -> Audience:
        """Give the audience, the source's own unless another was chosen."""
        return Audience.objects.get(pk=self.audience) if self.audience else self.the_source().default_audience


def keep_draft(session: SessionBase, draft: Draft) -> None:
    """Keep a draft; an older one's file goes."""
    older = the_draft(session)
    if older and older.upload != draft.upload:
        delete_upload(older.upload)
    session[KEY] = asdict(draft)


def the_draft(session: SessionBase) -> Draft | None:
    """Give the person's draft, if there is one."""
    kept = session.get(KEY)
    return Draft(**kept) if kept else None


def forget_draft(session: SessionBase) -> None:
    """Forget the draft; its file belongs to a batch now, or was deleted."""
    session.pop(KEY, None)


def drop_draft(session: SessionBase) -> None:
    """Let the draft and its file go."""
    if draft := the_draft(session):
        delete_upload(draft.upload)
    forget_draft(session)


def harmless(name: str) -> str:
    """Keep a file's name without its folders, unless it might name a person."""
    last = PurePath(name.replace("\\", "/")).name[-LONGEST_NAME:]
    return "" if "@" in last else last
