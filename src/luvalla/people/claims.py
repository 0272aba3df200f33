"""The checks the people room contributes to the claims of the notice: each looks at the running system as it is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from django.contrib.auth import get_backends
from django.db import connection
from django.db.models import F, Model

import luvalla
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.reads import looks_without_purpose
from luvalla.organisation.models import OutgoingHost
from luvalla.organisation.ways_out import unknown_ways_out
from luvalla.people.employers import OUTSIDERS, users_who_may_not
from luvalla.people.models import Employer, Session, Undertaking, User
from luvalla.people.queries import accounts_standing_open, why_closed
from luvalla.people.shared_names import is_shared_name
from luvalla.rules.ports import Claim, Finding, claims

CONSTRAINTS: Final = frozenset({"people_open_only_with_undertaking", "people_nobody_may_do_everything"})
LOOK_CONSTRAINTS: Final = frozenset({"ledger_looks_have_a_purpose"})
READERS: Final = (
    "select count(*) from pg_roles where rolcanlogin and not rolsuper and rolname <> current_user"
    " and has_table_privilege(oid, %s, 'SELECT')"
)
PACKAGE: Final = Path(luvalla.__file__).parent
LOOKED_AT: Final = 10_000
"""How many of the newest outgoing requests are looked at."""
STRONG_HASH: Final = "argon2$argon2id$"
NO_PASSWORD: Final = "!"  # noqa: S105  # Django's mark of an account that no password opens


def recipients_are_named() -> Finding:
    """S13's half: whoever processes addresses has a contract on record, and requests go out to declared hosts only.

    The other half, that the notice names them all, needs the notice: notices.recipients registers both as one.
    """
    partners = Employer.objects.filter(kind__in=OUTSIDERS, contract_reference="", processor=None)
    reached = LedgerRow.objects.filter(verb="organisation.reach").order_by("-pk")[:LOOKED_AT]
    declared = {str(each) for each in OutgoingHost.objects.values_list("pk", flat=True)}
    breaches = {
        "without_contract": accounts_standing_open().filter(employer__in=partners).count(),
        "undeclared_hosts": len({each.subject_ref for each in reached} - declared),
        "unknown_ways_out": len(unknown_ways_out(PACKAGE)),
    }
    return Finding.counted(breaches, {"hosts": len(declared), "employers": Employer.objects.count()})


def accounts_have_task_and_employer() -> Finding:
    """S23: every account that opens was appointed, has a role and an employer whose contract is in force.

    The others stay shut, nobody else uses the organisation's mailboxes, and every look that any of them, or a program,
    took at personal data says what for.
    """
    opens = accounts_standing_open()
    breaches = {
        "without_employer": opens.filter(employer=None).count(),
        "without_task": opens.filter(groups=None).count(),
        "without_appointment": opens.filter(appointed_by="").count(),
        "mailboxes_of_others": users_who_may_not(),
        "opened_though_shut": _opened_though_shut(),
        "looks_without_purpose": looks_without_purpose(),
        "missing_constraints": len(LOOK_CONSTRAINTS - _constraints(LedgerRow)),
    }
    return Finding.counted(breaches, {"accounts": opens.count()})


def accounts_are_personal() -> Finding:
    """S24: no account has the name of an office, may do everything, or has a password that is badly kept.

    Nor has a person an account in the database itself: whoever reads there leaves no row.
    """
    users = list(User.objects.all())
    breaches = {
        "shared_names": sum(
            is_shared_name(each.username) or is_shared_name(each.email.split("@")[0]) for each in users
        ),
        "may_do_everything": sum(each.is_superuser for each in users),
        "accounts_in_the_database": _accounts_in_the_database(),
        "weakly_kept": sum(not each.password.startswith((STRONG_HASH, NO_PASSWORD)) for each in users),
        "missing_constraints": len(CONSTRAINTS - _constraints(User)),
    }
    return Finding.counted(breaches, {"accounts": len(users)})


def accounts_have_undertakings() -> Finding:
    """S25: every account that opens stands on its own person's undertaking, whose text is the one that was signed."""
    opens = accounts_standing_open()
    signed = Undertaking.objects.filter(opens__in=opens).select_related("text")
    breaches = {
        "without": User.objects.filter(is_active=True, undertaking=None).count(),
        "of_another": opens.exclude(undertaking__user=F("pk")).count(),
        "text_changed": sum(not _is_what_was_signed(each) for each in signed),
        "opened_though_shut": _opened_though_shut(),
        "missing_constraints": len(CONSTRAINTS - _constraints(User)),
    }
    return Finding.counted(
        breaches, {"accounts": opens.count(), "sessions": Session.objects.exclude(user=None).count()}
    )


TESTS: Final = "tests/people/test_claims.py::"
CLAIMS: Final = (
    Claim("S23", accounts_have_task_and_employer, TESTS + "test_a_door_that_forgets_ended_contracts_breaks_s23"),
    Claim("S24", accounts_are_personal, TESTS + "test_an_account_of_an_office_breaks_s24"),
    Claim("S25", accounts_have_undertakings, TESTS + "test_an_undertaking_whose_text_was_changed_breaks_s25"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def _opened_though_shut() -> int:
    """Try the door of every shut account: a session of it must be nobody's, whichever way signs people in."""
    shut = [user for user in User.objects.select_related("undertaking", "employer__processor") if why_closed(user)]
    return sum(backend.get_user(user.pk) is not None for user in shut for backend in get_backends())


def _accounts_in_the_database() -> int:
    """Count the roles of PostgreSQL that sign in and can read our accounts, beside our own and superusers."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(READERS, [User._meta.db_table])  # noqa: SLF001  # Django's documented model API
        return int(cursor.fetchone()[0])


def _is_what_was_signed(undertaking: Undertaking) -> bool:
    text: str = getattr(undertaking.text, f"text_{undertaking.language}")
    return hashlib.sha256(text.encode()).hexdigest() == undertaking.text_hash


def _constraints(model: type[Model]) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, model._meta.db_table))  # noqa: SLF001  # documented
