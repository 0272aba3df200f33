"""The checks the mailroom contributes to the claims of the notice: each looks at the running system as it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

import luvalla
from luvalla.campaigns.models import Campaign
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.lateness import late_letters
from luvalla.mailroom.models import Delivery, Relay
from luvalla.mailroom.relays import configured_relays, fault_of_row, standings
from luvalla.organisation.models import OutgoingHost, Purpose
from luvalla.organisation.queries import egress_allowed
from luvalla.organisation.ways_out import unknown_applications, unknown_ways_out
from luvalla.register.models import Permission, Stop
from luvalla.rules.countries import EEA
from luvalla.rules.gate import Permit, decide
from luvalla.rules.gate.examples import campaign as lawful_campaign
from luvalla.rules.gate.examples import contact as lawful_contact
from luvalla.rules.ports import Claim, Finding, claims
from luvalla.rules.purposes import LegalBasis

PACKAGE: Final = Path(luvalla.__file__).parent
RECENT: Final = timedelta(hours=48)
LOOKED_AT: Final = 10_000
"""How many of the newest letters are looked at one by one."""
STOPS_AT_ONCE: Final = 500


def letters_had_two_keys() -> Finding:
    """S11, and S9 at the moment of sending: every letter had a basis and a permission when it was claimed."""
    purposes = Purpose.objects.exclude(basis__in=list(LegalBasis)).count()
    rows = _newest_letters()
    return Finding.counted(
        {
            "purposes_without_basis": purposes,
            "letters_without_permission": rows.filter(~Exists(_permissions_then())).count(),
            "open_gates": _open_gates(),
        },
        {"letters": rows.count()},
    )


def letters_went_to_contracted_relays() -> Finding:
    """S19: letters leave, and left lately, only through relays of our own or of a processor with a contract.

    Nothing else gives the list away: no application from elsewhere, no way out past the list of hosts, no export that
    the ledger doesn't know the reason of.
    """
    faults = (RelayFault.NO_CONTRACT, RelayFault.UNKNOWN_PLACE)
    exports = LedgerRow.objects.filter(verb="register.export_contacts")
    breaches = {
        "used_without_contract": _used_in_spite_of(*faults),
        "set_without_contract": _set_in_spite_of(*faults),
        "unknown_applications": len(unknown_applications()),
        "unknown_ways_out": len(unknown_ways_out(PACKAGE)),
        "exports_without_reason": exports.filter(Q(reason="") | Q(purpose="")).count(),
    }
    return Finding.counted(breaches, {**_relays(), "exports": exports.count()})


def letters_stayed_where_they_may_be() -> Finding:
    """S20: from each host that data goes out to, to its owner and country: outside the EEA only on a ground in force.

    A relay counts from the moment it is set for sending, before any letter; so does every declared host.
    """
    faults = (RelayFault.NO_TRANSFER, RelayFault.UNKNOWN_PLACE)
    hosts = list(OutgoingHost.objects.filter(closed_at=None).select_related("processor"))
    breaches = {
        "used_without_ground": _used_in_spite_of(*faults),
        "set_without_ground": sum(not _stays_or_may_go(each) for each in _rows_set()),
        "hosts_without_ground": sum(not _may_receive(each) for each in hosts),
    }
    placed = [*(each.country for each in _rows_set()), *(each.country for each in hosts)]
    countries = sorted({each.upper() for each in placed if each})
    return Finding.counted(breaches, {**_relays(), "hosts": len(hosts), "countries": countries})


def nothing_began_after_a_stop() -> Finding:
    """X4: no letter to somebody who had stopped was claimed after the answer, and without a claim none begins."""
    late, stops = 0, 0
    answered = Stop.objects.exclude(answered_at=None).order_by("pk")
    last = 0
    while some := list(answered.filter(pk__gt=last)[:STOPS_AT_ONCE]):
        last = some[-1].pk
        stops += len(some)
        late += late_letters(some)
    return Finding.counted({"late": late}, {"stops": stops})


TESTS: Final = "tests/mailroom/test_claims.py::"
CLAIMS: Final = (
    Claim("S11", letters_had_two_keys, TESTS + "test_a_letter_without_a_permission_breaks_s11"),
    Claim("S19", letters_went_to_contracted_relays, TESTS + "test_a_relay_without_a_contract_breaks_s19"),
    Claim("S20", letters_stayed_where_they_may_be, TESTS + "test_a_relay_outside_the_eea_without_a_ground_breaks_s20"),
    Claim("X4", nothing_began_after_a_stop, TESTS + "test_a_letter_after_an_answered_stop_breaks_x4"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def _recent_campaigns() -> list[int]:
    since = timezone.now() - RECENT
    sent = Q(lifecycle__finished_at=None) | Q(lifecycle__finished_at__gt=since)
    return list(Campaign.objects.filter(sent, lifecycle__started_at__isnull=False).values_list("pk", flat=True))


def _newest_letters() -> QuerySet[Delivery]:
    """Give the newest letters of the recent campaigns, by where they begin: a list of them would be too long to ask."""
    letters = Delivery.objects.filter(campaign__in=_recent_campaigns())
    newest_first = letters.order_by("-campaign_id", "-contact_id").values_list("campaign_id", "contact_id")
    oldest = newest_first[LOOKED_AT - 1 : LOOKED_AT].first()
    if oldest is None:
        return letters
    campaign, contact = oldest
    return letters.filter(Q(campaign_id__gt=campaign) | Q(campaign_id=campaign, contact_id__gte=contact))


def _permissions_then() -> QuerySet[Permission]:
    """Give the permissions of a letter's audience that its contact had when the letter was claimed."""
    claimed = OuterRef("claimed_at")
    given = Q(batch=None, created_at__lte=claimed) | Q(batch__applied_at__lte=claimed)
    stood = Q(ending_batch=None) | Q(ending_batch__applied_at=None) | Q(ending_batch__applied_at__gt=claimed)
    lasted = Q(ended_at=None) | Q(ended_at__gt=claimed)
    of_audience = Q(contact_id=OuterRef("contact_id"), audience_id=OuterRef("campaign__audience_id"))
    return Permission.objects.filter(of_audience, given, stood, lasted)


def _open_gates() -> int:
    """Ask the gate itself: with one key missing it has to refuse, and with both it has to permit."""
    campaign, contact = lawful_campaign(), lawful_contact()
    wrong = [
        isinstance(decide(campaign._replace(basis=None), contact), Permit),
        isinstance(decide(campaign, contact._replace(permissions=())), Permit),
        not isinstance(decide(campaign, contact), Permit),
    ]
    return sum(wrong)


def _used_in_spite_of(*faults: RelayFault) -> int:
    """Count the relays that letters left through lately although they have one of these faults."""
    today, recent = timezone.localdate(), _recent_campaigns()
    faulty = [each for each in Relay.objects.select_related("processor") if fault_of_row(each, today) in faults]
    return sum(Delivery.objects.filter(campaign__in=recent, relay=each).exists() for each in faulty)


def _rows_set() -> list[Relay]:
    """Give the relays letters would leave through: those in use, and the one of the settings."""
    return [each.row for each in standings() if (each.is_chosen or each.row.in_use) and not each.is_own]


def _set_in_spite_of(*faults: RelayFault) -> int:
    """Count the relays set for sending although they have one of these faults."""
    today = timezone.localdate()
    return sum(fault_of_row(each, today) in faults for each in _rows_set())


def _stays_or_may_go(row: Relay) -> bool:
    """Tell whether a relay is known to stand in the EEA, or outside it has both its contract and its ground."""
    if row.country.upper() in EEA:
        return True
    return bool(row.country) and egress_allowed(row.country, row.processor, timezone.localdate())


def _may_receive(host: OutgoingHost) -> bool:
    if host.processor is None:
        return host.country.upper() in EEA
    return egress_allowed(host.country, host.processor, timezone.localdate())


def _relays() -> dict[str, int]:
    """Count the relays that letters would leave through now."""
    try:
        return {"relays": len(configured_relays())}
    except RelayUnusable:
        return {"relays": 0}
