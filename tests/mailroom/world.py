"""Contacts, campaigns and shards for the mailroom's tests, made straight in the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from wagtail.models import Locale

from luvalla.campaigns.models import Campaign, Letter, Lifecycle
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import Delivery, DeliveryTotal, Shard, Withheld
from luvalla.organisation.models import BalancingTest, Controller, Purpose
from luvalla.people.models import User
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.models import Audience, Contact, Permission, Source
from luvalla.rules.address import normalise
from luvalla.rules.purposes import Prohibited
from luvalla.sending.letter import STOP_MARK, LetterSource, compile_letter

NAMES = {"name_fi": "nimi", "name_sv": "namn", "name_en": "name"}


@dataclass(frozen=True, slots=True)
class World:
    """As much of an organisation as sending needs: quicker to make than the example of `luvalla init`."""

    customers: Audience
    prospects: Audience
    crm: Source
    sign_up: Source
    marketing: Purpose
    research: Purpose
    author: User


def make_world() -> World:
    """Record a controller, two audiences, two sources and two purposes."""
    Controller.objects.create(
        name="Esimerkkienergia Oy", business_id="0112038-9", street="Katu 1", postcode="00100", city="Helsinki",
        email="info@esimerkki.fi", base_url="https://kirjeet.esimerkki.fi", mail_domain="esimerkki.fi",
        sender_name="Esimerkkienergia", sender_address="uutiset@esimerkki.fi", dpo_email="dpo@esimerkki.fi",
    )  # fmt: skip
    customers = Audience.objects.create(key="customers", **NAMES)
    prospects = Audience.objects.create(key="prospects", **NAMES)
    crm = Source.objects.create(key="crm", evidence="The contract is kept.", default_audience=customers, **NAMES)
    sign_up = Source.objects.create(key="sign_up", is_sign_up=True, default_audience=prospects, **NAMES)
    now = timezone.now()
    forbidden_by = int(Prohibited.DIRECT_MARKETING | Prohibited.DIRECT_ADVERTISING)
    basis = "legitimate_interest"
    marketing = Purpose.objects.create(key="direct_marketing", basis=basis, forbidden_by=forbidden_by, **NAMES)
    research = Purpose.objects.create(key="opinion_research", basis="consent", forbidden_by=8, **NAMES)
    BalancingTest.objects.create(
        purpose=marketing, interest="known", confirmed_by="Aino Esimerkki",
        approved_at=now - timedelta(days=1), expires_at=now + timedelta(days=300),
    )  # fmt: skip
    Locale.objects.get_or_create(language_code="fi")
    author = User.objects.create(username="author", email="author@esimerkki.fi", full_name="Aino Esimerkki")
    return World(customers, prospects, crm, sign_up, marketing, research, author)


def add_contact(text: str) -> Contact:
    """Put an address into the vault, without any permission."""
    address, keys = normalise(text), sealer()
    token = keys.exact_token(address)
    return Contact.objects.create(
        token=token,
        folded=keys.folded_token(address),
        domain=keys.domain_token(address.domain),
        sealed=keys.seal(address.text.encode(), column=CONTACT_ADDRESS, token=token),
    )


def add_permission(world: World, contact: Contact, **changes: object) -> Permission:
    """Give a contact a customer's permission."""
    values = {"kind": "customer", "source": world.crm, "audience": world.customers, **changes}
    return Permission.objects.create(contact=contact, **values)


def add_customers(world: World, addresses: Sequence[str]) -> list[Contact]:
    """Add contacts with a customer's permission each."""
    contacts = [add_contact(each) for each in addresses]
    for contact in contacts:
        add_permission(world, contact)
    return contacts


def make_campaign(world: World, *, state: str = "sending", policy: str = "report") -> Campaign:
    """Make a campaign of direct marketing to the customers, standing in that state."""
    campaign = Campaign.objects.create(
        subject="Syksyn uutiset",
        purpose=world.marketing,
        audience=world.customers,
        author=world.author,
        locale=Locale.objects.get(language_code="fi"),
    )
    now = timezone.now()
    Lifecycle.objects.create(
        campaign=campaign, state=state, unknown_policy=policy, approved_at=now, started_at=now - timedelta(seconds=1)
    )
    return campaign


def freeze(campaign: Campaign) -> Letter:
    """Freeze a short letter for a campaign."""
    stop = f"https://kirjeet.esimerkki.fi/s/{STOP_MARK}"
    letter = compile_letter(
        LetterSource(
            from_name="Esimerkkienergia", from_address="uutiset@esimerkki.fi", subject=campaign.subject, language="fi",
            html=f"<p>Syksyllä tapahtuu.</p><p><a href='{stop}'>Lopeta kirjeet</a></p>", text=f"Syksy.\n{stop}\n",
            list_id="uutiskirje.esimerkki.fi", stop_url_prefix="https://kirjeet.esimerkki.fi/s/",
            message_id_domain="esimerkki.fi", stop_mail_domain="esimerkki.fi",
        )
    )  # fmt: skip
    return Letter.objects.create(
        campaign=campaign, language="fi", compiled=letter.to_bytes(), digest=letter.digest, web_html="", text=""
    )


def make_shard(campaign: Campaign, low: int = 0, high: int = 1 << 40) -> Shard:
    """Make a shard over a range of contacts."""
    return Shard.objects.create(campaign=campaign, low=low, high=high, cursor=low)


STATES = ("accepted", "deferred", "refused", "expired", "unknown")


def assert_sums_are_whole(campaign: Campaign) -> None:
    """Check that rows and totals make up each shard's counts, state by state, and all that was permitted."""
    rows = dict.fromkeys((*STATES, "claimed"), 0)
    for state in Delivery.objects.filter(campaign=campaign).values_list("state", flat=True):
        rows[state] += 1
    for total in DeliveryTotal.objects.filter(campaign=campaign):
        rows[total.state] += total.letters
    shards = list(Shard.objects.filter(campaign=campaign))
    for state in STATES:
        assert rows[state] == sum(getattr(each, state) for each in shards), state
    assert sum(rows.values()) == sum(each.permitted for each in shards)


def withheld(campaign: Campaign) -> dict[str, int]:
    """Give the contacts that the gate refused, by reason."""
    found: dict[str, int] = {}
    for each in Withheld.objects.filter(campaign=campaign):
        found[each.reason] = found.get(each.reason, 0) + each.contacts
    return found
