"""What of a person's own account waits for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext

from luvalla.people.models import User
from luvalla.staff.parts import Clock, Waiting

AHEAD: Final = timedelta(days=60)
"""How long before its end an undertaking is spoken of."""


def waiting(user: User) -> list[Waiting]:
    """Give the undertaking that is about to run out."""
    undertaking = user.undertaking
    if undertaking is None or undertaking.valid_until - timezone.now() > AHEAD:
        return []
    about = pgettext("front page", "Yours runs out, and with it your account. Sign the new one before that.")
    clock = Clock.until(undertaking.valid_until, since=undertaking.signed_at)
    do = pgettext("front page", "Sign the undertaking of secrecy")
    return [Waiting(do, about, reverse("account_sign_undertaking"), clock)]
