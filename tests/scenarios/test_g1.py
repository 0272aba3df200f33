"""G1: an erased mailbox does not come back with the customer system's next export, however it is spelled there."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pytest_django import Settings

from luvalla.campaigns.models import Campaign
from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.mailroom.sender import send_campaign
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.importing.actions import apply_batch, begin_batch, stage_batch
from luvalla.register.importing.export import Options
from luvalla.register.models import Batch, BatchLine, Contact, Permission, SourceNotice, Suppression
from luvalla.register.stop import withdraw
from luvalla.rules.address import normalise
from luvalla.rules.ports import Verdict, claims
from luvalla.rules.purposes import PermissionKind
from luvalla.sending.testing import Receiver
from tests.support.campaigns import approved_campaign
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
ERASED = "maija@mäki.fi"
SPELLINGS = ("Maija@MÄKI.fi", "maija+uutiset@mäki.fi", "maija@xn--mki-qla.fi")


@pytest.fixture
def world() -> World:
    return make_world()


def tonight(world: World, *addresses: str) -> Batch:
    """Import an export with these addresses, from begin to flip, and settle it."""
    content = "\n".join(("sähköposti;sopimus alkoi", *(f"{each};1.5.2020" for each in addresses))).encode()
    batch = begin_batch(source=world.crm, permission=PermissionKind.CUSTOMER, actor=SYSTEM)
    stage_batch(batch=batch, opener=lambda: io.BytesIO(content), options=Options(), actor=SYSTEM)
    applied = apply_batch(batch=batch, actor=SYSTEM)
    run_due()
    return applied


def verdict(claim: str) -> Verdict:
    found = claims.get(claim)
    assert found is not None
    check: Callable[[], object] = found.check
    return getattr(check(), "verdict")  # noqa: B009  # the finding's only word that matters here


def test_g1_an_erased_mailbox_does_not_come_back_with_the_next_export(world: World, settings: Settings) -> None:
    tonight(world, ERASED, "ville@mäki.fi", "aino@mäki.fi")
    assert withdraw(address=normalise(ERASED), channel="link", actor=SUBJECT).finished
    notices = SourceNotice.objects.count()

    batch = tonight(world, "ville@mäki.fi", "aino@mäki.fi", *SPELLINGS)

    assert batch.counts["suppressed"] == 3
    assert Contact.objects.count() == 2
    assert not Contact.objects.filter(folded=sealer().folded_token(normalise(ERASED))).exists()
    assert not BatchLine.objects.filter(batch=batch, group="suppressed").exists()
    told = " ".join(str(each.facts) + each.reason for each in LedgerRow.objects.all())
    assert "maija" not in told.lower()
    assert notices == 1
    assert SourceNotice.objects.filter(source=world.crm).count() >= 1

    with Receiver() as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url
        campaign: Campaign = approved_campaign(world)
        result = send_campaign(campaign.pk, workers=1, actor=SYSTEM)
    sent = sorted(message.recipients[0].decode() for message in receiver.messages)
    assert sent == ["aino@xn--mki-qla.fi", "ville@xn--mki-qla.fi"]
    assert result.accepted == 2
    assert verdict("S18") is Verdict.HOLDS


def test_g1_control_a_row_put_past_the_import_turns_the_claim_broken(world: World) -> None:
    tonight(world, ERASED)
    withdraw(address=normalise(ERASED), channel="link", actor=SUBJECT)
    assert Suppression.objects.count() == 1
    assert verdict("S18") is Verdict.HOLDS
    address, keys = normalise(ERASED), sealer()
    token = keys.exact_token(address)
    contact = Contact.objects.create(
        token=token,
        folded=keys.folded_token(address),
        domain=keys.domain_token(address.domain),
        sealed=keys.seal(address.text.encode(), column=CONTACT_ADDRESS, token=token),
    )
    Permission.objects.create(contact=contact, kind="customer", source=world.crm, audience=world.customers)
    assert verdict("S18") is Verdict.BROKEN
