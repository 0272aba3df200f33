"""Django's database sessions with whose session it is, and two ends: twelve hours, and idleness before that.

How long a session may lie idle (ASVS 5.0, 7.3.1; NIST SP 800-63B-4 allows an hour) depends on what the account reaches.
The end stands in the row, so an idle session is nobody's the second it comes, and the nightly tidying takes it away.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from luvalla.people.models import Session, User
from luvalla.people.queries import may_see_addresses

IDLE: Final = timedelta(minutes=60)
IDLE_NEAR_ADDRESSES: Final = timedelta(minutes=30)
"""For whoever reaches addresses, and for browsers that have not signed in yet."""
NOTED: Final = timedelta(minutes=1)
"""That somebody is there is written down at most this often."""
SINCE, MAY_LIE_IDLE = "since", "may_lie_idle"


class SessionStore(DatabaseStore):
    """Keeps sessions in people.Session."""

    ends: datetime | None = None
    """When the session ends if nobody does anything, as the row says."""

    @classmethod
    def get_model_class(cls) -> type[Any]:
        """Give the model of the rows."""
        return Session

    def load(self) -> dict[str, Any]:
        """Give what the row holds, and nothing once its end has come."""
        row = Session.objects.filter(session_key=self.session_key, expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key: str | None = None
            return {}
        self.ends = row.expire_date
        return self.decode(row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Write down whose session it is, and its end: saving it never makes it longer than it may be."""
        row = cast("Session", super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.expire_date = self.ends = _end(data, timezone.now())
        return row

    def stay(self, user: User) -> None:
        """Note that the person is there: the session may lie idle from now on for as long as their account may."""
        seconds = idle_of(user).total_seconds()
        if self.get(MAY_LIE_IDLE) != seconds:
            self[MAY_LIE_IDLE] = seconds
        end = _end(dict(self.items()), timezone.now())
        if self.ends is None or not timedelta() <= end - self.ends < NOTED:
            Session.objects.filter(session_key=self.session_key).update(expire_date=end)
            self.ends = end

    @property
    def left(self) -> int:
        """Seconds until the session ends if nobody does anything."""
        return 0 if self.ends is None else max(0, int((self.ends - timezone.now()).total_seconds()))

    @property
    def is_at_its_longest(self) -> bool:
        """Whether the twelve hours end it, so that nothing makes it longer."""
        return self.ends is not None and self.ends >= _last_moment(dict(self.items()))


def idle_of(user: User) -> timedelta:
    """Tell how long a person's session may lie idle."""
    return IDLE_NEAR_ADDRESSES if may_see_addresses(user) else IDLE


def note_beginning(*, request: Any, **_: Any) -> None:
    """Keep since when a session is somebody's: the receiver of Django's signal user_logged_in."""
    request.session[SINCE] = timezone.now().timestamp()


def _end(data: dict[str, Any], now: datetime) -> datetime:
    idle = timedelta(seconds=data.get(MAY_LIE_IDLE, IDLE_NEAR_ADDRESSES.total_seconds()))
    return min(now + idle, _last_moment(data)) if SESSION_KEY in data else now + idle


def _last_moment(data: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(data.get(SINCE, 0), tz=UTC) + timedelta(seconds=settings.SESSION_COOKIE_AGE)
