"""Declaring where addresses come from and whom campaigns can be addressed to."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.register.models import Audience, Source


@transaction.atomic
def declare_audience(
    *, key: str, names: Mapping[str, str], language: str, open_for_sign_up: bool, actor: Actor
) -> Audience:
    """Put an audience on the list; names are name_fi, name_sv and name_en."""
    defaults = {**names, "language": language, "open_for_sign_up": open_for_sign_up}
    audience, _ = Audience.objects.update_or_create(key=key, defaults=defaults)
    record("register.declare_audience", actor=actor, subject=Subject("audience", key))
    return audience


@transaction.atomic
def declare_source(
    *, key: str, names: Mapping[str, str], evidence: str, default_audience: Audience, is_sign_up: bool, actor: Actor
) -> Source:
    """Put a source on the list with the statement of what an address from there proves (GDPR 14(2)(f))."""
    defaults = {**names, "evidence": evidence, "default_audience": default_audience, "is_sign_up": is_sign_up}
    source, _ = Source.objects.update_or_create(key=key, defaults=defaults)
    record("register.declare_source", actor=actor, subject=Subject("source", key))
    return source
