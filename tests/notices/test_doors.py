"""A broken promise closes its doors within one run, says what is wrong and who mends it, and opens when it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone, translation

from luvalla.ledger.actors import OPERATOR, SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.claiming import Rest, advance
from luvalla.mailroom.crew import Crew
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.lean_keeper import LeanKeeper
from luvalla.mailroom.leases import take_free_shard
from luvalla.mailroom.models import Hold, Relay
from luvalla.mailroom.relays import lawful_relays
from luvalla.mailroom.sender import hold_unless_usable
from luvalla.notices.actions import check_claims
from luvalla.notices.doors import KEEPER, STATEMENT, how_to_mend
from luvalla.notices.models import ClosedDoor
from luvalla.notices.registry import entries
from luvalla.organisation.models import Processor, Transfer
from luvalla.people.models import User
from luvalla.register.actions import export_contacts
from luvalla.register.errors import ExportClosed
from luvalla.register.facts import FactsReader
from luvalla.register.models import Audience
from luvalla.rules import ports
from luvalla.rules.ports import UNGUARDED, Claim, Closure, Door, Finding, Registry, Verdict, closed_by, why_shut
from luvalla.staff.contacts.words import LOOKS
from tests.mailroom.world import World, add_customers, make_campaign, make_shard
from tests.people.conftest import PASSWORD, MakePerson
from tests.staff.conftest import Browse

pytestmark = pytest.mark.django_db


class Promise:
    """A claim whose verdict a test sets."""

    def __init__(self, claim_id: str) -> None:
        self.id, self.finding = claim_id, Finding(Verdict.HOLDS, {})

    def __call__(self) -> Finding:
        """Give what was set."""
        return self.finding

    def turns(self, verdict: Verdict, *about: str) -> None:
        """Set the verdict and run the checks."""
        self.finding = Finding(verdict, {"rows": 1}, about)
        check_claims([self.id], actor=SYSTEM)


@pytest.fixture
def promises(monkeypatch: pytest.MonkeyPatch) -> dict[str, Promise]:
    """Give promises S36, S19, S20 and S25, all holding, at an otherwise empty port."""
    port: Registry[Claim] = Registry("claim")
    monkeypatch.setattr("luvalla.notices.actions.claims", port)
    monkeypatch.setattr("luvalla.notices.queries.claims", port)
    made = {each: Promise(each) for each in ("S8", "S19", "S20", "S25", "S36")}
    for name, promise in made.items():
        port.register(name, Claim(name, promise, "tests/x.py::y"))
    return made


@pytest.fixture
def own_relay(world: World) -> Relay:
    """Give a relay on this machine that nothing is tried on."""
    return Relay.objects.create(name="own", url="smtp://127.0.0.1:1", in_use=True)


def test_a_broken_promise_closes_its_doors_and_opens_them_when_it_holds(promises: dict[str, Promise]) -> None:
    assert closed_by(Door.SENDING) == ()
    promises["S36"].turns(Verdict.BROKEN)
    assert closed_by(Door.SENDING) == ("S36",)
    assert closed_by(Door.PUBLISHING) == ("S36",)
    assert closed_by(Door.EXPORT) == ()
    assert LedgerRow.objects.filter(verb="notices.check_claims").latest("pk").facts["closed"] == ["S36"]
    promises["S36"].turns(Verdict.UNKNOWN)
    assert closed_by(Door.SENDING) == ("S36",), "doubt opens nothing"
    promises["S36"].turns(Verdict.HOLDS)
    assert closed_by(Door.SENDING) == ()
    assert LedgerRow.objects.filter(verb="notices.check_claims").latest("pk").facts["opened"] == ["S36"]


def test_a_breach_of_one_purpose_closes_the_door_for_that_purpose(promises: dict[str, Promise]) -> None:
    promises["S8"].turns(Verdict.BROKEN, "a", "b")
    assert closed_by(Door.SENDING, "a") == ("S8",)
    assert closed_by(Door.SENDING, "c") == ()
    since = ClosedDoor.objects.get(door="sending", about="b").since
    promises["S8"].turns(Verdict.BROKEN, "b")
    assert closed_by(Door.SENDING, "a") == ()
    assert ClosedDoor.objects.get(door="sending").since == since, "what stays closed is closed since then"


def test_where_nobody_answers_nothing_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "door_keepers", Registry("door keeper"))
    assert closed_by(Door.SENDING) == (UNGUARDED,)


def test_a_question_that_fails_opens_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notices_closeddoor RENAME TO elsewhere")
    try:
        with pytest.raises(DatabaseError):
            closed_by(Door.SENDING)
    finally:
        connection.set_rollback(True)


def test_every_claim_says_in_each_language_who_mends_it() -> None:
    for each in entries():
        said = {how_to_mend(each.id, language) for language in ("fi", "sv", "en")}
        assert len(said) == 3
        assert all(text.endswith(".") for text in said)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The administrator shuts the account"), ("fi", "Ylläpitäjä sulkee"), ("sv", "Administratören stänger")],
)
def test_a_closed_door_says_what_is_broken_and_who_mends_it(language: str, said: str) -> None:
    with translation.override(language):
        sentence = why_shut(["S25"])
    assert said in sentence
    assert "S25" in sentence


def test_sending_does_not_start_while_its_promise_is_broken(
    world: World, promises: dict[str, Promise], own_relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luvalla.mailroom.sender.usable_relays", list)
    campaign = make_campaign(world)
    promises["S36"].turns(Verdict.BROKEN)
    with pytest.raises(RelayUnusable) as closed:
        hold_unless_usable(campaign)
    assert closed.value.fault is RelayFault.PROMISE_BROKEN
    with translation.override("en"):
        assert "S36 is broken" in str(closed.value)
        assert "Communications take out of the letter" in str(closed.value)
    assert Hold.objects.get(campaign=campaign).relay == "S36"
    promises["S36"].turns(Verdict.HOLDS)
    hold_unless_usable(campaign)
    assert not Hold.objects.exists()


def test_a_worker_in_the_middle_of_a_campaign_begins_no_further_letter(
    world: World, promises: dict[str, Promise]
) -> None:
    add_customers(world, ["matti@esimerkki.fi", "maija@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    lease = take_free_shard(owner="somebody", now=timezone.now())
    assert lease is not None
    promises["S36"].turns(Verdict.BROKEN)
    assert advance(lease, answered=None, limit=10, reader=FactsReader()) is Rest.STOPPED
    assert Hold.objects.get(campaign=campaign).fault == "promise_broken"
    assert take_free_shard(owner="somebody", now=timezone.now()) is None, "nobody takes it again and again"
    promises["S36"].turns(Verdict.HOLDS)
    Crew()._look_after_campaigns()
    assert take_free_shard(owner="somebody", now=timezone.now()) is not None


def test_a_process_without_models_asks_the_same(promises: dict[str, Promise]) -> None:
    promises["S8"].turns(Verdict.BROKEN, "a")
    lean = LeanKeeper(STATEMENT)
    assert lean.closures(Door.SENDING) == KEEPER.closures(Door.SENDING) == [Closure("S8", "a")]
    assert lean.closures(Door.EXPORT) == []


def test_no_letter_leaves_the_eea_while_transfers_are_closed(world: World, promises: dict[str, Promise]) -> None:
    today = timezone.localdate()
    mailer = Processor.objects.create(
        name="Mailer Inc.", role="relay", country="US", contract_reference="A-1", contract_from=today
    )
    Transfer.objects.create(processor=mailer, country="US", ground="clauses", reference="x", checked_on=today)
    Relay.objects.create(name="us", url="smtp+starttls://smtp.example.com", country="US", processor=mailer, in_use=True)
    assert [each.row.name for each in lawful_relays()] == ["us"]
    promises["S20"].turns(Verdict.BROKEN)
    with pytest.raises(RelayUnusable):
        lawful_relays()
    Relay.objects.update(country="SE")
    assert [each.row.name for each in lawful_relays()] == ["us"]


def test_exports_are_closed_and_the_page_says_why(browse: Browse, world: World, promises: dict[str, Promise]) -> None:
    client, audience = browse("register_owner"), Audience.objects.get(pk=world.customers.pk)
    promises["S19"].turns(Verdict.BROKEN)
    with pytest.raises(ExportClosed):
        export_contacts(audience=audience, purpose="x", reason="y", actor=OPERATOR)
    given = {"audience": audience.pk, "purpose": next(iter(LOOKS)), "reason": "The authority asked for it."}
    page = client.post("/staff/contacts/export/", given).content.decode()
    assert "no address has left" in page
    assert "S19 is broken" in page
    assert not LedgerRow.objects.filter(verb="register.export_contacts").exists()
    promises["S19"].turns(Verdict.HOLDS)
    assert client.post("/staff/contacts/export/", given)["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize(
    ("role", "opens"),
    [("communications", False), ("auditor", False), ("administrator", True), ("register_owner", True)],
)
def test_a_broken_promise_about_accounts_shuts_out_all_but_those_who_mend_it(
    role: str, opens: int, make_person: MakePerson, promises: dict[str, Promise]
) -> None:
    person = make_person("Maija Malli", role)
    User.objects.filter(pk=person.pk).update(language="en")
    promises["S25"].turns(Verdict.BROKEN)
    client = Client(headers={"accept-language": "en"})
    given = {"login": person.username, "password": PASSWORD}
    page = client.post("/accounts/login/", given, follow=True)
    assert ("_auth_user_id" in client.session) == opens
    if not opens:
        text = page.content.decode()
        assert "Signing in is closed" in text
        assert "S25 is broken" in text
        promises["S25"].turns(Verdict.HOLDS)
        client.post("/accounts/login/", given)
        assert "_auth_user_id" in client.session


def test_an_old_verdict_alone_closes_nothing_more_than_was_found(promises: dict[str, Promise]) -> None:
    promises["S25"].turns(Verdict.BROKEN)
    ClosedDoor.objects.update(since=timezone.now() - timedelta(days=9))
    assert closed_by(Door.SIGN_IN) == ("S25",), "it stays closed until it holds"
