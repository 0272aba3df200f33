"""Making the roles: each a group with the permissions its work needs, renewed after every migration."""

from __future__ import annotations

from typing import Any, Final

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from luvalla.people.models import Role, User
from luvalla.people.roles import FURTHER_GRANTS, GRANTS, Capability

WAGTAILS_OWN: Final = ("Editors", "Moderators")
"""Groups for a page tree that isn't used."""


def install_roles(*, app_config: AppConfig, **_: Any) -> None:
    """Give each role exactly its permissions. Runs after migrations; safe to run again.

    Django makes the permissions application by application, so this waits for the last one.
    """
    if app_config.label != [each.label for each in apps.get_app_configs() if each.models_module][-1]:
        return
    Group.objects.filter(name__in=WAGTAILS_OWN).delete()
    capabilities = _capability_permissions()
    for role in Role:
        group, _created = Group.objects.get_or_create(name=role.value)
        further = [each for name in FURTHER_GRANTS.get(role, ()) for each in _permissions_named(name)]
        group.permissions.set([*(capabilities[each] for each in GRANTS[role]), *further])


def _capability_permissions() -> dict[Capability, Permission]:
    """Find the capabilities' permissions; make those that Django will make a moment later in the same migration."""
    content_type = ContentType.objects.get_for_model(User)
    labels = dict(User._meta.permissions)  # noqa: SLF001  # the documented way to a model's options
    return {
        each: Permission.objects.get_or_create(
            content_type=content_type, codename=each.value, defaults={"name": labels[each.value]}
        )[0]
        for each in Capability
    }


def _permissions_named(name: str) -> list[Permission]:
    """Find "app.codename"; of a room that isn't there yet there is none."""
    app, _, codename = name.partition(".")
    return list(Permission.objects.filter(content_type__app_label=app, codename=codename))
