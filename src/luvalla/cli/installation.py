"""Making an installation from one document: keys, database, organisation, sources, accounts and the first notice."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from luvalla.campaigns.languages import make_languages
from luvalla.cli.document import NAMES, faults_of_document
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.backups.locks import make_own_key
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.keys import Keyring, write_keyring
from luvalla.ledger.tables import make_tables
from luvalla.ledger.vault import forget_keys
from luvalla.notices.actions import keep_earlier_notice, publish_notice
from luvalla.organisation.actions import (
    approve_balancing_test,
    declare_purpose,
    record_controller,
    record_disclosee,
    record_processor,
)
from luvalla.organisation.errors import NotInOrder
from luvalla.organisation.models import Purpose
from luvalla.people.actions import Appointment, add_user, record_undertaking
from luvalla.people.models import Employer
from luvalla.register.declarations import declare_audience, declare_source
from luvalla.register.models import Audience

DESCRIPTIONS = ("description_fi", "description_sv", "description_en")
TEST_TEXTS = ("interest", "necessity", "balance", "opinion")


def read_document(place: Path) -> dict[str, Any]:
    """Read an organisation's document; NotInOrder, with all that is missing, before anything is made of it."""
    try:
        document = tomllib.loads(place.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        message = f"{place.name}: {fault}"
        raise NotInOrder(message) from None
    if faults := list(faults_of_document(document)):
        raise NotInOrder("; ".join(faults))
    return document


def make_home(home: Path) -> Path | None:
    """Make the home folder and its keys; None when there are keys already: they are never made twice."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (home / "keys" / "keyring.json").exists():
        return None
    place = write_keyring(Keyring.fresh(), home)
    make_own_key()
    forget_keys()
    return place


def make_database() -> None:
    """Bring the database to the newest tables, and have the folder that the server looks for static files in."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    make_tables()


def install(document: Mapping[str, Any], *, today: date | None = None) -> None:
    """Record everything the document says, in one transaction, and publish the first notice.

    Raises NotInOrder where a record isn't what it has to be; nothing is recorded then.
    """
    try:
        with transaction.atomic():
            check_keys()
            _record_organisation(document)
            _record_register(document)
            _record_people(document)
            if "earlier_notice" in document:
                keep_earlier_notice(details=document["earlier_notice"], actor=OPERATOR)
            publish_notice(published_on=today or datetime.now(tz=UTC).date(), actor=OPERATOR)
    except KeyError as missing:
        message = f"{missing} is missing from the document"
        raise NotInOrder(message) from None


def _record_organisation(document: Mapping[str, Any]) -> None:
    record_controller(details=document["controller"], actor=OPERATOR)
    make_languages()
    for each in document.get("purpose", ()):
        _record_purpose(each)
    for each in document.get("processor", ()):
        record_processor(details=each, actor=OPERATOR)
    for each in document.get("disclosee", ()):
        record_disclosee(details=each, actor=OPERATOR)


def _record_purpose(each: Mapping[str, Any]) -> None:
    purpose = declare_purpose(
        key=each["key"],
        basis=each["basis"],
        is_marketing=each["is_marketing"],
        forbidden_by=each["forbidden_by"],
        texts={name: each[name] for name in (*NAMES, *DESCRIPTIONS) if name in each},
        actor=OPERATOR,
    )
    if "balancing_test" in each:
        _record_balancing_test(purpose, each["balancing_test"])


def _record_balancing_test(purpose: Purpose, each: Mapping[str, Any]) -> None:
    approve_balancing_test(
        purpose=purpose,
        texts={name: each[name] for name in TEST_TEXTS if name in each},
        confirmed_by=each["confirmed_by"],
        approved_at=_moment(each["approved_on"]),
        expires_at=_moment(each["expires_on"]),
        actor=OPERATOR,
    )


def _record_register(document: Mapping[str, Any]) -> None:
    for each in document.get("audience", ()):
        declare_audience(
            key=each["key"],
            names={name: each[name] for name in NAMES},
            language=each.get("language", "fi"),
            open_for_sign_up=each.get("open_for_sign_up", False),
            actor=OPERATOR,
        )
    for each in document.get("source", ()):
        declare_source(
            key=each["key"],
            names={name: each[name] for name in NAMES},
            evidence=each["evidence"],
            default_audience=_audience(each["default_audience"]),
            is_sign_up=each.get("is_sign_up", False),
            actor=OPERATOR,
        )


def _record_people(document: Mapping[str, Any]) -> None:
    name = document["controller"]["name"]
    employer, _ = Employer.objects.get_or_create(name=name, defaults={"kind": Employer.CONTROLLER})
    for each in document.get("account", ()):
        appointed_by = each.get("appointed_by") or document["controller"].get("dpo_name") or name
        user = add_user(
            username=each["username"],
            email=each["email"],
            full_name=each["full_name"],
            roles=each.get("roles", ()),
            language=each.get("language", "fi"),
            employer=employer,
            appointment=Appointment(appointed_by, each.get("appointed_for", ""), each.get("appointed_on")),
            actor=OPERATOR,
        )
        if "undertaking_signed_on" in each:
            record_undertaking(
                user=user,
                typed_name=each["full_name"],
                language=user.language,
                signed_at=_moment(each["undertaking_signed_on"]),
                countersigned_by=appointed_by,
                actor=OPERATOR,
            )


def _audience(key: str) -> Audience:
    audience = Audience.objects.filter(key=key).first()
    if audience is None:
        message = f"Source: there is no audience {key}"
        raise NotInOrder(message)
    return audience


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)
