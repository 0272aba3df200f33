"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class PeopleConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.people"
    label = "people"

    def ready(self) -> None:
        """Renew the roles after migrations, when the permissions of every room are there; bring the room's checks."""
        from luvalla.people import claims, replaying, retention, watching  # noqa: F401, PLC0415  # models are ready only now; the tasks register themselves
        from luvalla.people.installation import install_roles  # noqa: PLC0415  # the models are ready only now
        from luvalla.people.sessions import note_beginning  # noqa: PLC0415  # the same
        from luvalla.rules.ports import keepings  # noqa: PLC0415  # the same

        user_logged_in.connect(note_beginning, dispatch_uid="people.note_beginning")
        post_migrate.connect(install_roles, dispatch_uid="people.install_roles")
        for keeping in retention.KEEPINGS:
            keepings.register(keeping.name, keeping)
        claims.take_part()
        replaying.take_part()
