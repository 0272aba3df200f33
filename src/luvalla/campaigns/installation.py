"""Letting those who write letters choose and add pictures; renewed after every migration."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission

from luvalla.people.models import Role

PICTURES: Final = {
    Role.COMMUNICATIONS: ("add_image", "choose_image"),
    Role.APPROVER: ("choose_image",),
}
"""What Wagtail asks of a group for its pictures. Adding includes changing what one has added oneself."""


def install_picture_permissions(**_: Any) -> None:
    """Give each role exactly its permissions on pictures. Safe to run again."""
    root = Collection.get_first_root_node()
    if root is None:
        return
    for role, codenames in PICTURES.items():
        group, _created = Group.objects.get_or_create(name=role.value)
        permissions = Permission.objects.filter(content_type__app_label="wagtailimages", codename__in=codenames)
        held = GroupCollectionPermission.objects.filter(group=group, collection=root)
        held.exclude(permission__in=permissions).delete()
        for permission in permissions:
            GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)
