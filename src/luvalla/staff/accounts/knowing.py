"""A person's sessions: which browser each belongs to and since when, so that one can be told from another and ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from luvalla.people.models import Session, User
from luvalla.people.sessions import SINCE

BROWSER = "browser"
BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip
"""The first that a browser calls itself; nothing else of what it says is kept."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as its person sees it. The name is safe to put into a page: it opens nothing."""

    name: str
    browser: str
    since: datetime | None
    until: datetime
    is_this: bool
    row: Session


def remember_browser(request: HttpRequest) -> None:
    """Keep with a session what its person will know it by."""
    said = str(request.headers.get("User-Agent", ""))
    found = [
        next((name for mark, name in table if re.search(re.escape(mark), said)), "") for table in (BROWSERS, SYSTEMS)
    ]
    request.session[BROWSER] = " · ".join(each for each in found if each)


def sessions_of(user: User, request: HttpRequest) -> list[Seen]:
    """Give the person's live sessions, this one first, then the newest."""
    found = list(_seen(user, request))
    return sorted(found, key=lambda each: (not each.is_this, -(each.since.timestamp() if each.since else 0)))


def session_named(user: User, request: HttpRequest, name: str) -> Session | None:
    """Find the person's session by its name."""
    named = (each.row for each in _seen(user, request) if constant_time_compare(each.name, name))
    return next(named, None)


def _seen(user: User, request: HttpRequest) -> Iterator[Seen]:
    for row in Session.objects.filter(user=user, expire_date__gt=timezone.now()):
        data = row.get_decoded()
        since = data.get(SINCE)
        yield Seen(
            name=salted_hmac("luvalla.session", row.session_key).hexdigest()[:20],
            browser=str(data.get(BROWSER, "")),
            since=datetime.fromtimestamp(float(since), tz=UTC) if since else None,
            until=row.expire_date,
            is_this=row.session_key == request.session.session_key,
            row=row,
        )
