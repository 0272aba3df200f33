"""Who may sign the undertaking of secrecy though their account is shut, and for how long."""

from __future__ import annotations

import time
from typing import Final

from django.http import HttpRequest

from luvalla.people.models import User
from luvalla.people.queries import Closed, accounts, why_closed

SIGNABLE: Final = frozenset({Closed.NO_UNDERTAKING, Closed.UNDERTAKING_EXPIRED})
"""What a signature mends. A revoked undertaking, an ended contract or appointment is mended by others."""
SIGNER_KEY: Final = "may_sign"
MAY_SIGN_FOR: Final = 15 * 60
"""Seconds after the password in which somebody whose account is shut may read and sign."""


def let_sign(request: HttpRequest, user: User) -> None:
    """Remember that this browser's person has proved who they are: they may sign, and nothing else."""
    request.session.cycle_key()
    request.session[SIGNER_KEY] = [user.pk, time.time()]


def signer_of(request: HttpRequest) -> User | None:
    """Give who may sign here: the signed-in person, or who gave the password of a shut account a moment ago."""
    if isinstance(request.user, User):
        return request.user
    pk, at = request.session.get(SIGNER_KEY) or (None, 0.0)
    if pk is None or time.time() - at > MAY_SIGN_FOR:
        return None
    user = accounts().filter(pk=pk).first()
    return user if user is not None and why_closed(user) in SIGNABLE else None
