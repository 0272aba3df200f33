"""Django's database sessions with one more column: whose session it is."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from luvalla.people.models import Session


class SessionStore(DatabaseStore):
    """Keeps sessions in people.Session."""

    @classmethod
    def get_model_class(cls) -> type[Any]:
        """Give the model of the rows."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Write down whose session it is."""
        row = cast("Session", super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row
