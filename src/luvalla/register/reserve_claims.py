"""The checks of what holds letters and exports back for one person: prohibitions (S38) and restrictions (S42).

Neither looks at a mark alone. The newest people concerned are read as the mailroom reads them, the gate is asked, and
so is whatever gives addresses out or shows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from luvalla.organisation.models import Purpose
from luvalla.register.facts import FactsReader
from luvalla.register.models import Audience, Contact, Prohibition, Restriction
from luvalla.register.queries import exportable_contacts, visible_contacts
from luvalla.rules.gate import CampaignFacts, ContactFacts, Permit, decide
from luvalla.rules.gate.examples import campaign as lawful_campaign
from luvalla.rules.gate.examples import contact as lawful_contact
from luvalla.rules.ports import Claim, Finding, claims
from luvalla.rules.purposes import Prohibited

ASKED: Final = 200
"""So many of the newest people concerned are read as the mailroom reads them."""


def prohibitions_stop_letters() -> Finding:
    """S38: every purpose of marketing is stopped by some prohibition, every prohibition stops some purpose.

    The gate refuses each purpose for each of its prohibitions, as it is written and as it is read of the people who
    have one; and nobody who forbade it is given out.
    """
    purposes = list(Purpose.objects.all())
    stopping = Prohibited(0)
    for each in purposes:
        stopping |= Prohibited(each.forbidden_by)
    disclosure = Prohibition.objects.annotate(banned=F("kinds").bitand(int(Prohibited.DISCLOSURE))).filter(banned__gt=0)
    forbade_disclosure = Contact.objects.filter(Exists(disclosure.filter(folded=OuterRef("folded"))))
    return Finding.counted(
        {
            "unstoppable": sum(each.is_marketing and not each.forbidden_by for each in purposes),
            "without_effect": sum(kind not in stopping for kind in _kinds_of_letters(stopping)),
            "open_gates": sum(_is_open(each, kind) for each in purposes for kind in Prohibited(each.forbidden_by)),
            "passed_by": sum(_passes_by(each, facts) for facts in _facts_of_forbidding() for each in purposes),
            "given_out": _given_out(list(forbade_disclosure.order_by("-pk").values_list("pk", flat=True)[:ASKED])),
        },
        {"purposes": len(purposes), "people": Prohibition.objects.count()},
    )


def restricted_contacts_rest() -> Finding:
    """S42: a contact with an open restriction is marked as such and no other is; no path passes the mark by.

    Neither the gate nor exports, searches and counts take the restricted, as they are read.
    """
    open_ones = Restriction.objects.filter(contact=OuterRef("pk"), lifted_at=None)
    restricted = Contact.objects.filter(Exists(open_ones))
    newest = list(restricted.order_by("-pk").values_list("pk", flat=True)[:ASKED])
    return Finding.counted(
        {
            "unmarked": restricted.filter(restricted_at=None).count(),
            "unfounded": Contact.objects.filter(~Exists(open_ones)).exclude(restricted_at=None).count(),
            "lifted_untold": Restriction.objects.filter(notified_at=None).exclude(lifted_at=None).count(),
            "open_gates": sum(_would_be_sent(each) for each in _facts_of(newest)),
            "given_out": _given_out(newest),
            "shown": visible_contacts().filter(pk__in=newest).count(),
        },
        {"restricted": restricted.count()},
    )


TESTS: Final = "tests/register/test_reserve_claims.py::"
CLAIMS: Final = (
    Claim("S38", prohibitions_stop_letters, TESTS + "test_a_purpose_that_no_prohibition_stops_breaks_s38"),
    Claim("S42", restricted_contacts_rest, TESTS + "test_a_restriction_that_is_passed_by_breaks_s42"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def _kinds_of_letters(stopping: Prohibited) -> list[Prohibited]:
    """Give the kinds of letters that can be forbidden; of research only where there is such a purpose."""
    kinds = [Prohibited.DIRECT_ADVERTISING, Prohibited.DISTANCE_SELLING, Prohibited.DIRECT_MARKETING]
    return [*kinds, Prohibited.RESEARCH] if Prohibited.RESEARCH in stopping else kinds


def _facts_of(contact_ids: Sequence[int]) -> Iterator[ContactFacts]:
    """Read contacts as the mailroom does before a letter."""
    yield from (each.facts for each in FactsReader().given(contact_ids, now=timezone.now()))


def _facts_of_forbidding() -> Iterator[ContactFacts]:
    """Read the newest contacts who forbade anything."""
    forbidding = Contact.objects.filter(Exists(Prohibition.objects.filter(folded=OuterRef("folded"), kinds__gt=0)))
    yield from _facts_of(list(forbidding.order_by("-pk").values_list("pk", flat=True)[:ASKED]))


def _campaign_of(purpose: Purpose) -> CampaignFacts:
    """Make a campaign of a purpose that nothing but a prohibition could stop."""
    kinds = Prohibited(purpose.forbidden_by)
    return lawful_campaign(purpose=purpose.key, purposes=frozenset({purpose.key}), forbidden_by=kinds)


def _is_open(purpose: Purpose, kind: Prohibited) -> bool:
    """Tell whether the gate is wrong about a prohibition: it has to refuse with it, and to permit without it."""
    campaign = _campaign_of(purpose)
    with_it = decide(campaign, lawful_contact(prohibited=kind))
    return isinstance(with_it, Permit) or not isinstance(decide(campaign, lawful_contact()), Permit)


def _passes_by(purpose: Purpose, facts: ContactFacts) -> bool:
    """Tell whether somebody who forbade a purpose would get its letters for all that was read of the prohibition."""
    if not facts.prohibited:
        return True
    is_forbidden = bool(facts.prohibited & Prohibited(purpose.forbidden_by))
    return is_forbidden and isinstance(
        decide(_campaign_of(purpose), lawful_contact(prohibited=facts.prohibited)), Permit
    )


def _would_be_sent(facts: ContactFacts) -> bool:
    """Tell whether a restricted contact would get a letter if nothing else spoke against it."""
    return isinstance(decide(lawful_campaign(), lawful_contact(restricted=facts.restricted)), Permit)


def _given_out(contact_ids: Sequence[int]) -> int:
    """Count how often exports would give these contacts out."""
    return sum(exportable_contacts(each).filter(pk__in=contact_ids).count() for each in Audience.objects.all())
