"""One-time codes that are taken once, whichever process of the web server is asked (RFC 6238, section 5.2).

Allauth remembers used codes in the cache, which each process has for itself, and for a shorter time than a code is good
for. So the newest counter that was used is kept with the secret in the database.
"""

from __future__ import annotations

from typing import Any, Final

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.http import HttpRequest

from luvalla.people.models import User

LAST_COUNTER: Final = "last_counter"


def use_up(authenticator: Authenticator, code: str) -> bool:
    """Remember that a code was used; False when it is none of now, or it or a newer one was used before."""
    with transaction.atomic():
        kept = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        counter = _counter_of(kept, code)
        if counter is None or counter <= _last_counter(kept):
            return False
        kept.data[LAST_COUNTER] = counter
        kept.save(update_fields=["data"])
    return True


def was_used(user: User, code: str) -> bool:
    """Tell whether a code is the person's own and of now, but spent."""
    own = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    counter = _counter_of(own, code) if own else None
    return own is not None and counter is not None and counter <= _last_counter(own)


def use_first_code_up(*, request: HttpRequest, authenticator: Authenticator, **_: Any) -> None:
    """Count the code with which a person takes one-time codes into use, when allauth tells that they did."""
    if authenticator.type == Authenticator.Type.TOTP:
        use_up(authenticator, request.POST.get("code", ""))


def _last_counter(authenticator: Authenticator) -> int:
    return int(authenticator.data.get(LAST_COUNTER, -1))


def _counter_of(authenticator: Authenticator, code: str) -> int | None:
    """Tell which period of now a code is of, the newest that fits; None when it is of none."""
    secret = decrypt(authenticator.data["secret"])
    fitting = (
        each
        for each in yield_hotp_counters_from_time()
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, each)))
    )
    return max(fitting, default=None)
