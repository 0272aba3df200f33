"""What the desk of the notice tells the front page: an opinion to give, or a version to publish."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import pgettext

from luvalla.notices.queries import is_waiting, opinion_on_draft
from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.people.roles import Capability
from luvalla.staff.parts import Waiting


def waiting(user: User) -> list[Waiting]:
    """Tell what waits for the person, once the notice in force would be written otherwise."""
    gives, publishes = may(user, Capability.GIVE_OPINION), may(user, Capability.PUBLISH_NOTICE)
    if not (gives or publishes) or not is_waiting():
        return []
    about = pgettext("notice", "It would be written otherwise now than the version in force.")
    url = reverse("staff_notice:notice")
    given = opinion_on_draft() is not None
    found = []
    if gives and not given:
        found.append(Waiting(pgettext("notice", "Give your opinion on the privacy notice"), about, url))
    if publishes and given:
        found.append(Waiting(pgettext("notice", "Publish the privacy notice"), about, url))
    return found
