"""The list of people: who is on the way in, who is at work, who has left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.people.models import User
from luvalla.people.names import FORGOTTEN
from luvalla.people.queries import accounts, roles_of, why_closed
from luvalla.people.reviews import is_review_due
from luvalla.people.words import ROLES
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Clock
from luvalla.staff.people.words import CLOSED

SOON: Final = timedelta(days=60)
"""How long before its end an account is shown as ending."""
LEFT_LATELY: Final = timedelta(days=365)


class PeopleList(DeskView):
    """Everybody with an account, joiners and leavers on the same page."""

    any_of: ClassVar[tuple[str, ...]] = ("manage_users", "see_settings", "review_access")
    template_name = "staff/people/list.html"
    title = pgettext_lazy("menu", "People")
    lead: str | Promise = pgettext_lazy(
        "people",
        "One person, one account. It opens with an appointment, a contract and an undertaking of secrecy in force, "
        "and shuts with the first of them that ends.",
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the people in their groups."""
        rows = [row_of(each) for each in accounts().exclude(email__endswith=FORGOTTEN)]
        since = timezone.localdate() - LEFT_LATELY
        left = [each for each in rows if each["user"].left_on]
        staying = [each for each in rows if not each["user"].left_on]
        groups = {
            "joining": [each for each in staying if each["user"].undertaking is None],
            "working": [each for each in staying if each["user"].undertaking is not None],
            "left": [each for each in left if each["user"].left_on >= since],
        }
        return super().get_context_data(**{**groups, "is_review_due": is_review_due(), **kwargs})


def row_of(user: User) -> dict[str, Any]:
    """Give a person as the list shows them."""
    closed = why_closed(user)
    return {
        "user": user,
        "roles": [ROLES[role] for role in roles_of(user)],
        "closed": CLOSED[closed] if closed else "",
        "since": user.undertaking.signed_at if user.undertaking else None,
        "ends": _ends(user),
        "needs_countersignature": user.undertaking is not None and not user.undertaking.countersigned_at,
    }


def _ends(user: User) -> Clock | None:
    """Give what shuts the account first, where that is soon."""
    employer = user.employer
    ends = [user.appointed_until, user.left_on]
    if employer:
        ends += [employer.contract_until, employer.processor.contract_until if employer.processor else None]
    first = min((each for each in ends if each), default=None)
    return Clock.until(first) if first and first - timezone.localdate() < SOON else None
