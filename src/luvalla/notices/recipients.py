"""Who is given addresses, and what is kept of a person, against what the published notice says (S13, S15)."""

from __future__ import annotations

import html
from collections.abc import Iterable

from django.utils import timezone

from luvalla.mailroom.relays import standings
from luvalla.notices.models import NoticeVersion
from luvalla.notices.queries import MENDED_BY_PUBLISHING, current_notice
from luvalla.organisation.models import DeclaredField, OutgoingHost
from luvalla.organisation.queries import disclosees
from luvalla.people.claims import recipients_are_named
from luvalla.people.models import Employer
from luvalla.people.queries import accounts_standing_open
from luvalla.register.catalogue import strange_columns
from luvalla.register.models import DeclaredValue
from luvalla.rules.ports import Finding, Verdict


def check_recipients() -> Finding:
    """S13: whatever data goes to has an owner with a contract, and every such recipient is named in the notice."""
    notice = current_notice()
    owners = {*relay_owners(), *host_owners(), *employers(), *(each.name for each in disclosees(timezone.localdate()))}
    unnamed = sorted(each for each in owners if each and not _names(notice, each))
    under_contract = recipients_are_named()
    breaches = {"owned_by_nobody": sum(not each for each in relay_owners()), "unnamed": len(unnamed)}
    figures = {
        "recipients": len(owners - {""}),
        "notice": notice.version if notice else 0,
        **under_contract.figures,
    }
    is_broken = any(breaches.values()) or notice is None or under_contract.verdict is Verdict.BROKEN
    is_told_wrong = bool(unnamed) and not breaches["owned_by_nobody"] and under_contract.verdict is Verdict.HOLDS
    figures[MENDED_BY_PUBLISHING] = is_told_wrong
    return Finding(Verdict.BROKEN if is_broken else Verdict.HOLDS, {**breaches, **figures})


def check_contents() -> Finding:
    """S15: the register's tables hold the address and the declared fields that the notice in force names, no more."""
    notice = current_notice()
    told = {each["name_fi"] for each in notice.facts.get("fields", ())} if notice else set()
    declared = list(DeclaredField.objects.all())
    kept = DeclaredField.objects.filter(pk__in=DeclaredValue.objects.values("field"))
    breaches = {
        "columns": len(strange_columns()),
        "undeclared": sum(each.name_fi not in told for each in declared),
        "unnamed": sum(not _says_field(notice, each) for each in declared),
        "withdrawn_but_told": len(told - {each.name_fi for each in declared}),
    }
    is_broken = any(breaches.values()) or notice is None
    figures = {"fields": len(declared), "fields_in_use": kept.count()}
    figures[MENDED_BY_PUBLISHING] = is_broken and not breaches["columns"]
    return Finding(Verdict.BROKEN if is_broken else Verdict.HOLDS, {**breaches, **figures})


def relay_owners() -> list[str]:
    """Give whose the relays are that letters may be sent through; empty where nobody's. Our own machine is ours."""
    rows = [each.row for each in standings() if not each.is_own and (each.is_chosen or each.row.in_use)]
    return [each.processor.name if each.processor else "" for each in rows]


def host_owners() -> Iterable[str]:
    """Give whose the hosts are that requests may go to; the controller's own needs no name."""
    hosts = OutgoingHost.objects.filter(closed_at=None).exclude(processor=None).select_related("processor")
    return [each.processor.name for each in hosts if each.processor]


def employers() -> Iterable[str]:
    """Give the partners and processors whose people have accounts that open."""
    employed = accounts_standing_open().exclude(employer__kind=Employer.CONTROLLER).exclude(employer=None)
    return employed.values_list("employer__name", flat=True).distinct()


def _names(notice: NoticeVersion | None, name: str) -> bool:
    return notice is not None and all(html.escape(name) in text or name in text for text in notice.texts().values())


def _says_field(notice: NoticeVersion | None, field: DeclaredField) -> bool:
    if notice is None:
        return False
    return all(
        html.escape(field.name_in(language)).lower() in text.lower() for language, text in notice.texts().items()
    )
