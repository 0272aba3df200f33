"""The checks the register contributes to the claims of the notice: each looks at the running system as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

import luvalla
from luvalla.ledger.errors import SealBroken
from luvalla.ledger.queries import verify_chain
from luvalla.register.catalogue import columns_about_people, strange_columns, unknown_columns
from luvalla.register.looks import KNOWN, examine_looks
from luvalla.register.models import Contact, Permission, Source, Stop, Suppression
from luvalla.register.queries import live_permissions, live_suppressions, open_address
from luvalla.register.traces import Whose, traces_in_columns, traces_in_files
from luvalla.rules.address import NotAnAddress, normalise
from luvalla.rules.ports import Claim, Finding, Verdict, claims, keepings
from luvalla.rules.purposes import PermissionKind

LATE: Final = timedelta(hours=24)
"""How far behind the retention jobs may be."""
ANSWERED_WITHIN: Final = timedelta(minutes=5)
SEALED_BY: Final = timedelta(hours=2)
"""The sealer looks at the whole ledger once an hour; a row that waits for longer has no sealer."""
OPENED: Final = 500
"""How many of the newest addresses are opened to see that they are addresses."""


def permissions_have_evidence() -> Finding:
    """S9: every live permission is of a kind the law knows, has its evidence, and stands once."""
    live = live_permissions()
    unknown = live.exclude(kind__in=list(PermissionKind)).count()
    unproved = live.filter(_without_evidence()).count()
    found = {"unknown": unknown, "without_evidence": unproved, "doubled": _doubled()}
    return Finding.counted(found, {"live": live.count()})


def only_addresses_are_kept() -> Finding:
    """S12: the register's tables have no other columns, no text is about people, what is sealed is an address.

    Nor has the rest of the database a table or column that the program doesn't know.
    """
    return Finding.counted(
        {
            "columns": len(strange_columns()),
            "elsewhere": len(set(unknown_columns()) - set(strange_columns())),
            "texts_about_people": len(columns_about_people()),
            "not_addresses": sum(not _is_an_address(each) for each in Contact.objects.order_by("-pk")[:OPENED]),
        }
    )


def _doubled() -> int:
    """Count the live permissions that say again what another says: so that each letter rests on exactly one.

    Contacts with several permissions in one audience are few, and are found in an index alone.
    """
    several = Permission.objects.values("audience", "contact").annotate(rows=Count("pk")).filter(rows__gt=1)
    same = ("contact", "audience", "source", "kind")
    live = live_permissions().filter(contact__in=several.values("contact"))
    groups = live.values(*same).annotate(rows=Count("pk")).filter(rows__gt=1)
    return sum(each["rows"] - 1 for each in groups)


def sources_in_use() -> QuerySet[Source]:
    """Give the sources from which somebody's permission is."""
    return Source.objects.filter(Exists(Permission.objects.filter(source=OuterRef("pk"))))


def sources_are_declared() -> Finding:
    """S16, its part here: every source in use is named in all languages and says what an address from it proves."""
    used = sources_in_use()
    nameless = used.filter(Q(name_fi="") | Q(name_sv="") | Q(name_en="")).count()
    silent = used.filter(evidence="", is_sign_up=False).count()
    return Finding.counted({"nameless": nameless, "without_statement": silent}, {"in_use": used.count()})


def nothing_is_kept_too_long() -> Finding:
    """S17: nothing of any room is past its time for longer than the jobs need, and no contact is without a permission.

    Every room counts its own kinds (rules.ports.Keeping); what belongs to a restricted contact stays.
    """
    now = timezone.now()
    kept = {each.name: each.overdue(now - each.late) for each in keepings}
    waiting = Permission.objects.filter(contact=OuterRef("pk"), ended_at=None)
    left = Contact.objects.filter(~Exists(waiting), restricted_at=None, created_at__lt=now - LATE)
    return Finding.counted({**kept, "without_permission": left.count()}, {"kinds": len(kept)})


def stopped_addresses_are_gone() -> Finding:
    """S18: no contact belongs to a stopped mailbox or domain, no stop is half done, no store shows a stopped address.

    Stores are all columns of the database, the queue and the ledger among them, and the files of the home folder.
    """
    came_back = Contact.objects.filter(
        Exists(live_suppressions().filter(token__in=(OuterRef("folded"), OuterRef("domain"))))
    )
    return Finding.counted(
        {
            "stopped_but_kept": _except_under_way(came_back),
            "half_done": _unanswered().count(),
            "columns_showing": traces_in_columns(whose=Whose.STOPPED),
            "files_showing": traces_in_files(_files_beside_database(), whose=Whose.STOPPED),
        },
        {"suppressions": Suppression.objects.count()},
    )


def objections_take_effect_at_once() -> Finding:
    """S43: no objection or withdrawal waits for anybody."""
    return Finding.counted({"waiting": _unanswered().count()}, {"stops": Stop.objects.count()})


def stolen_data_shows_nobody() -> Finding:
    """X1: no file of the installation and no text of its database shows the address of a registered person."""
    return Finding.counted({"files": traces_in_files(_places()), "columns": traces_in_columns()})


def looks_leave_a_row() -> Finding:
    """X3: addresses are opened only where a row of the ledger is written of it, and the ledger is whole.

    Rows that nobody has sealed for hours could have been changed unseen: then it is unknown.
    """
    chain = verify_chain()
    looks = examine_looks(Path(luvalla.__file__).parent, KNOWN)
    breaches = {
        "unknown_looks": len(looks.unknown),
        "unrecorded_looks": len(looks.unrecorded),
        "broken_links": int(chain.broken is not None),
    }
    found = Finding.counted(breaches, {"sealed": chain.sealed, "unsealed": chain.unsealed.rows})
    is_doubtful = found.verdict is Verdict.HOLDS and chain.unsealed.is_late(timezone.now() - SEALED_BY)
    return replace(found, verdict=Verdict.UNKNOWN) if is_doubtful else found


TESTS: Final = "tests/register/test_claims.py::"
CLAIMS: Final = (
    Claim("S9", permissions_have_evidence, TESTS + "test_a_permission_without_evidence_breaks_s9"),
    Claim("S12", only_addresses_are_kept, TESTS + "test_a_column_for_first_names_breaks_s12"),
    Claim("S17", nothing_is_kept_too_long, TESTS + "test_a_retention_job_that_stands_still_breaks_s17"),
    Claim("S18", stopped_addresses_are_gone, TESTS + "test_a_stopped_address_put_back_past_the_import_breaks_s18"),
    Claim("S43", objections_take_effect_at_once, TESTS + "test_an_objection_that_waits_for_somebody_breaks_s43"),
    Claim("X1", stolen_data_shows_nobody, TESTS + "test_an_address_in_plain_text_breaks_x1"),
    Claim("X3", looks_leave_a_row, TESTS + "test_a_look_that_leaves_no_row_breaks_x3"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def _without_evidence() -> Q:
    """A sign-up proves itself; an address from anywhere else stands on its source's statement."""
    return Q(source__is_sign_up=True, proof=None) | Q(source__is_sign_up=False, source__evidence="")


def _is_an_address(contact: Contact) -> bool:
    try:
        text = open_address(contact)
        return normalise(text).text == text
    except (SealBroken, NotAnAddress):
        return False


def _unanswered() -> QuerySet[Stop]:
    return Stop.objects.filter(answered_at=None, requested_at__lt=timezone.now() - ANSWERED_WITHIN)


def _except_under_way(contacts: QuerySet[Contact]) -> int:
    """Count contacts, without those whose stop is being carried out at this moment."""
    under_way = Stop.objects.filter(answered_at=None).values_list("contact_ids", flat=True)
    return contacts.exclude(pk__in=[each for ids in under_way for each in ids]).count()


def _files_beside_database() -> list[Path]:
    """Give what lies in the home folder, the database's own files left out: its columns are asked for themselves."""
    name = Path(str(connection.settings_dict["NAME"])).name
    home = Path(settings.LUVALLA_HOME)
    return [
        each
        for each in (home.iterdir() if home.is_dir() else ())
        if connection.vendor != "sqlite" or not each.name.startswith(name)
    ]


def _places() -> list[Path]:
    """Give the home folder, and the database's own files where they lie elsewhere."""
    home = Path(settings.LUVALLA_HOME)
    if connection.vendor != "sqlite":
        return [home]
    database = Path(str(connection.settings_dict["NAME"]))
    return [home] if database.is_relative_to(home) else [home, *database.parent.glob(f"{database.name}*")]
