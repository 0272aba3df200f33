"""Test copies: the letter as its recipients get it, to the staff, marked in its subject."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from luvalla.campaigns.freezing import compiled_letter
from luvalla.campaigns.models import Campaign
from luvalla.ledger.keys import Keyring
from luvalla.mailroom.identity import Identities
from luvalla.mailroom.writing import dated
from luvalla.organisation.queries import the_controller
from luvalla.people.models import User
from luvalla.register.links import make_stop_token
from luvalla.rules.address import Address
from luvalla.sending.dialogue import Item
from luvalla.sending.letter import Hole

NOBODY: Final = 0
"""The contact of a test copy's links: a stop link made for nobody explains itself and stops nothing."""
NO_TOKEN: Final = bytes(32)
SUBJECT: Final = b"\r\nSubject: "
MARKS: Final = {"fi": b"[Testi] ", "sv": b"[Test] ", "en": b"[Test] "}


def is_staff_mailbox(address: Address) -> bool:
    """Tell whether a mailbox is an account's or in one of the controller's own domains."""
    controller = the_controller()
    own = {controller.mail_domain, *(each.rpartition("@")[2] for each in (controller.email, controller.sender_address))}
    return address.domain in own or User.objects.filter(email__iexact=address.text).exists()


def trial_copy(campaign: Campaign, to: Address, *, keyring: Keyring, mail_domain: str) -> Item:
    """Write the copy; LetterUnfit where the draft cannot become mail."""
    letter = dated(compiled_letter(campaign), timezone.now())
    identity = Identities(keyring).identify(contact_id=NOBODY, campaign_id=campaign.pk)
    stop = make_stop_token(contact_id=NOBODY, exact_token=NO_TOKEN, campaign_id=campaign.pk, keyring=keyring)
    address = to.text.encode()
    whole = letter.fill({Hole.TO: address, Hole.MESSAGE_ID: identity.message_id, Hole.STOP_TOKEN: stop.encode()})
    marked = whole.replace(SUBJECT, SUBJECT + MARKS.get(campaign.language, MARKS["en"]), 1)
    sender = identity.return_path + b"@" + mail_domain.encode("idna")
    return Item(NOBODY, sender, address, marked, utf8=to.needs_smtputf8)
