"""What surrounds an activity in the record of processing: from whom, to whom, where to, and how it is guarded.

Listed in data/processing.toml as closed words; who stands behind them comes from the running configuration
(GDPR 30(1)(a), (d), (e) and (g)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, pgettext

from luvalla.notices.recipients import employers, host_owners, relay_owners
from luvalla.notices.records.words import GROUNDS, GUARDS, ORIGINS, PERMISSIONS
from luvalla.notices.rendering import day_in
from luvalla.organisation.models import Controller, Disclosee, Transfer
from luvalla.organisation.queries import balancing_test_until, disclosees, purposes, the_controller
from luvalla.register.models import Source
from luvalla.register.queries import live_permissions
from luvalla.rules.purposes import DiscloseeKind, LegalBasis


def keeper() -> list[tuple[str, str]]:
    """Give who answers for all of it, as pairs of heading and text (GDPR 30(1)(a))."""
    controller = the_controller()
    joint = [each.name for each in _disclosed() if each.kind == DiscloseeKind.JOINT_CONTROLLER]
    told = [
        (pgettext("records", "Controller"), _whole(controller)),
        (pgettext("records", "Data protection officer"), _officer(controller)),
    ]
    return [*told, (pgettext("records", "Joint controllers"), ", ".join(joint))] if joint else told


def origins(named: Iterable[str]) -> str:
    """Say where the data comes from; "sources" stands for the register's sources by name (GDPR 14(2)(f))."""
    language = get_language() or "en"
    sources = [each.name_in(language) for each in Source.objects.order_by("pk")] if "sources" in named else []
    return "; ".join([*sources, *(str(ORIGINS[each]) for each in named if each != "sources")])


def recipients(named: Iterable[str]) -> str:
    """Say who is given the data, by name (GDPR 30(1)(d)); nobody outside the controller where there is none."""
    return "; ".join(names_of(named)) or pgettext("records", "nobody outside the controller")


def names_of(named: Iterable[str]) -> list[str]:
    """Give the names behind an activity's classes of recipients, each once."""
    return list(dict.fromkeys(name for each in named for name in _NAMED[each]() if name))


def transfers(named: Iterable[str]) -> str:
    """Say to which countries outside the EEA it goes, and on which ground (GDPR 30(1)(e))."""
    today = timezone.localdate()
    live = [
        each
        for each in Transfer.objects.filter(processor__name__in=names_of(named))
        .select_related("processor")
        .order_by("pk")
        if each.expires_on is None or each.expires_on >= today
    ]
    said = [f"{each.processor.name}, {each.country}: {GROUNDS[each.ground]} ({each.reference})" for each in live]
    return "; ".join(said) or pgettext("records", "none")


def guards(named: Iterable[str]) -> str:
    """Say how it is guarded (GDPR 30(1)(g), 32(1)); what the settings have switched off isn't claimed."""
    off = set() if settings.LUVALLA_SECOND_FACTOR else {"two_factors"}
    return "; ".join(str(GUARDS[each]) for each in named if each not in off)


def permissions() -> str:
    """Say by which permissions letters may go out now (act 917/2014, sections 200 and 202)."""
    kinds = live_permissions().values_list("kind", flat=True).order_by("kind").distinct()
    return "; ".join(str(PERMISSIONS[each]) for each in kinds) or pgettext("records", "none yet")


def balancing_tests() -> str:
    """Say until when each purpose's balancing test is in force (GDPR 6(1)(f))."""
    language, now = get_language() or "en", timezone.now()
    weighed = [each for each in purposes() if each.basis == LegalBasis.LEGITIMATE_INTEREST]
    until = [(each.name_in(language), balancing_test_until(each, now)) for each in weighed]
    missing = pgettext("records", "no test in force")
    said = {
        name: day_in(timezone.localtime(end).date(), language) if end and end > now else missing for name, end in until
    }
    return "; ".join(f"{name}: {end}" for name, end in said.items())


def _whole(controller: Controller) -> str:
    address = f"{controller.street}, {controller.postcode} {controller.city}"
    parts = (f"{controller.name} ({controller.business_id})", address, controller.email, controller.phone)
    return ", ".join(part for part in parts if part)


def _officer(controller: Controller) -> str:
    return ", ".join(part for part in (controller.dpo_name, controller.dpo_email) if part)


def _disclosed() -> list[Disclosee]:
    return disclosees(timezone.localdate())


_NAMED: Final[Mapping[str, Callable[[], Iterable[str]]]] = {
    "carriers": relay_owners,
    "hosts": host_owners,
    "staff": employers,
    "disclosees": lambda: [each.name for each in _disclosed()],
    "authority": lambda: [pgettext("records", "the supervisory authority, where it asks")],
}
"""Who stands behind each word of an activity's "to"."""
