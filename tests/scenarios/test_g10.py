"""G10: a correction onto a suppressed address stops the old one, activates nothing, and tells nobody why."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import SUBJECT, SYSTEM, person
from luvalla.mailroom.corrections import confirm_correction
from luvalla.mailroom.models import Relay, ServiceMessage
from luvalla.mailroom.sender import send_campaign
from luvalla.register import sign_up
from luvalla.register.errors import Suppressed
from luvalla.register.models import Contact
from luvalla.register.proofs import given_proof
from luvalla.register.queries import find_contact, is_suppressed
from luvalla.register.rectification import FROM_SOURCE, Rectified, rectify
from luvalla.register.stop import withdraw
from luvalla.rules.address import Address, normalise
from luvalla.rules.purposes import PermissionKind
from luvalla.sending.testing import Receiver
from tests.scenarios.test_g1 import tonight
from tests.support.campaigns import approved_campaign
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
A, B = normalise("a@esimerkki.fi"), normalise("b@esimerkki.fi")
ORDINARY, FREE = normalise("c@esimerkki.fi"), normalise("d@esimerkki.fi")


@pytest.fixture
def world() -> World:
    made = make_world()
    tonight(made, A.text, B.text, ORDINARY.text, "e@esimerkki.fi")
    withdraw(address=B, channel="link", actor=SUBJECT)
    return made


def correct(address: Address, to: Address) -> Rectified:
    """Do what the desk does with a correction that a person has asked for: correct, and tell the new mailbox."""
    answer = rectify(address=address, to=to, channel="desk", actor=person("clerk"))
    confirm_correction(to=to, language="fi", actor=person("clerk"))
    return answer


def test_g10_a_correction_onto_a_suppressed_address_activates_nothing_and_tells_nobody(
    world: World, settings: Settings
) -> None:
    with Receiver() as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url
        onto_stopped, ordinary = correct(A, B), correct(ORDINARY, FREE)
        run_due()
        told = {message.recipients[0].decode(): message.data for message in receiver.messages}

        assert onto_stopped._replace(ref="") == ordinary._replace(ref="")
        assert find_contact(A) is None
        assert is_suppressed(A)
        assert find_contact(B) is None
        assert is_suppressed(B)
        assert find_contact(FREE) is not None

        assert set(told) == {B.text, FREE.text}
        assert without_its_own(told[B.text], "b") == without_its_own(told[FREE.text], "d")
        assert b"List-Unsubscribe" not in told[B.text]
        assert confirm_correction(to=B, language="fi", actor=SYSTEM) is None
        assert ServiceMessage.objects.filter(kind="correction").count() == 2

        tonight(world, A.text, B.text, ORDINARY.text, "e@esimerkki.fi")
        settings.LUVALLA_SMTP_URL = ""
        Relay.objects.create(name="oma", url=receiver.url)
        before = len(receiver.messages)
        send_campaign(approved_campaign(world).pk, workers=1, actor=SYSTEM)
        letters = sorted(message.recipients[0].decode() for message in receiver.messages[before:])
    assert letters == ["d@esimerkki.fi", "e@esimerkki.fi"]


def without_its_own(message: bytes, name: str) -> list[bytes]:
    """Give a message without what is each one's own: addressee, number, boundary and second of sending."""
    own = (b"Message-ID:", b"Date:", b"To:", b"DKIM-Signature:", b"boundary", b"--")
    lines = [line.strip() for line in message.replace(name.encode() + b"@", b"@").splitlines()]
    return [line for line in lines if not line.startswith(own) and b"boundary" not in line]


def test_g10_a_newer_consent_from_the_suppressed_address_lifts_it_with_a_new_proof(world: World) -> None:
    correct(A, B)
    pending = sign_up.ask(
        address=B, purposes=[world.marketing.key], language="fi", wording="Kyllä", notice_version=1, actor=SUBJECT
    )
    consent = sign_up.confirm(token=sign_up.confirmation_token(pending), actor=SUBJECT)
    assert consent is not None
    assert not is_suppressed(B)
    assert is_suppressed(A)
    permission = consent.permission
    assert permission.kind == PermissionKind.CONSENT
    proof = given_proof(permission, permission.contact)
    assert proof is not None
    assert (proof["wording"], proof["method"]) == ("Kyllä", "double opt-in")


def test_g10_a_change_that_comes_from_the_customer_system_is_refused(world: World) -> None:
    with pytest.raises(Suppressed):
        rectify(address=A, to=B, channel=FROM_SOURCE, actor=SYSTEM)
    assert find_contact(A) is not None
    batch = tonight(world, B.text, ORDINARY.text, "e@esimerkki.fi", A.text)
    assert batch.counts["suppressed"] == 1
    assert Contact.objects.count() == 3
    assert is_suppressed(B)
