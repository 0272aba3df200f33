"""What is left of contacts that were made anonymous: sums by the kind of permission and the audience, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import F

from luvalla.register.models import Contact, ErasedTotal, Permission
from luvalla.rules.groups import SMALLEST_GROUP


def count_erased(contacts: Iterable[Contact]) -> None:
    """Add contacts that are about to be erased to the sums, in the caller's transaction; once in each group.

    They wait until there are ten of a group: the sum of two moments would else tell of the one who came between.
    """
    leaving = [each.pk for each in contacts]
    given = Permission.objects.filter(contact__in=leaving, ended_at=None)
    groups = given.order_by().values_list("contact", "kind", "audience").distinct()
    for (kind, audience), number in Counter((kind, audience) for _, kind, audience in groups).items():
        ErasedTotal.objects.get_or_create(kind=kind, audience_id=audience)
        of_group = ErasedTotal.objects.filter(kind=kind, audience=audience)
        of_group.update(waiting=F("waiting") + number)
        of_group.filter(waiting__gte=SMALLEST_GROUP).update(contacts=F("contacts") + F("waiting"), waiting=0)
