"""Each breach an auditor tries first: one run of `luvalla claims` sees it, and the right door shuts with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.keycheck import check_keys
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.models import Hold, Relay
from luvalla.mailroom.relays import lawful_relays
from luvalla.mailroom.sender import hold_unless_usable
from luvalla.notices.actions import publish_notice
from luvalla.notices.errors import PublishingClosed
from luvalla.notices.models import NoticeVersion
from luvalla.organisation.models import BalancingTest, Processor, Transfer
from luvalla.people.models import User
from luvalla.register.models import PendingSignUp
from luvalla.rules.ports import Door, closed_by
from tests.mailroom.world import World, add_customers, make_campaign
from tests.people.conftest import PASSWORD, MakePerson
from tests.people.test_claims import constrain_again, unconstrained

pytestmark = pytest.mark.django_db
Out = pytest.CaptureFixture[str]
Breach = Callable[[World, Path], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    """Give an installation's folder of the test's own."""
    check_keys()
    settings.LUVALLA_HOME = tmp_path / "home"
    settings.LUVALLA_HOME.mkdir()
    return Path(settings.LUVALLA_HOME)


def verdict_of(claim: str, capsys: Out) -> str:
    """Check one claim as the operator does, and give its verdict; the exit code has to say the same."""
    capsys.readouterr()
    code = main(["claims", claim, "--json"])
    (said,) = json.loads(capsys.readouterr().out)["claims"]
    assert code == {"holds": 0, "broken": 1}.get(said["verdict"], 2)
    return str(said["verdict"])


def relay_in_the_united_states(world: World, home: Path) -> AbstractContextManager[None]:
    today = timezone.localdate()
    mailer = Processor.objects.create(
        name="Mailer Inc.", role="relay", country="US", contract_reference="A-1", contract_from=today
    )
    Relay.objects.create(name="us", url="smtp+starttls://smtp.example.com", country="US", processor=mailer, in_use=True)
    return nullcontext()


@contextmanager
def column_for_first_names(world: World, home: Path) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE register_contact ADD COLUMN etunimi varchar(40)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE register_contact DROP COLUMN etunimi")


def page_edited_by_hand(world: World, home: Path) -> AbstractContextManager[None]:
    notice = NoticeVersion.objects.get()
    NoticeVersion.objects.update(html_fi=notice.html_fi.replace("Rekisterinpitäjä", "Rekisterin pitäjä"))
    return nullcontext()


def row_older_than_its_retention(world: World, home: Path) -> AbstractContextManager[None]:
    PendingSignUp.objects.create(folded=bytes(32), sealed=b"x", expires_at=timezone.now() - timedelta(days=9))
    return nullcontext()


def address_in_a_file(world: World, home: Path) -> AbstractContextManager[None]:
    (home / "logs").mkdir()
    (home / "logs" / "web.log").write_text("GET /stop?who=matti@esimerkki.fi 200\n")
    return nullcontext()


def address_in_the_database(world: World, home: Path) -> AbstractContextManager[None]:
    record("register.test", actor=SYSTEM, subject=Subject("contact"), reason="Matti@Esimerkki.fi rang")
    return nullcontext()


@pytest.mark.parametrize(
    "case",
    [
        (relay_in_the_united_states, "S20", Door.TRANSFER),
        (column_for_first_names, "S12", Door.PUBLISHING),
        (page_edited_by_hand, "S1", Door.PUBLISHING),
        (row_older_than_its_retention, "S17", Door.PUBLISHING),
        (address_in_a_file, "X1", Door.PUBLISHING),
        (address_in_the_database, "X1", Door.PUBLISHING),
    ],
    ids=lambda case: case[0].__name__,
)
def test_one_run_sees_the_breach_and_shuts_the_door(
    case: tuple[Breach, str, Door], world: World, home: Path, capsys: Out
) -> None:
    breach, claim, door = case
    add_customers(world, ["matti@esimerkki.fi"])
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    assert verdict_of(claim, capsys) == "holds"
    assert closed_by(door) == ()
    with breach(world, home):
        assert verdict_of(claim, capsys) == "broken"
    assert closed_by(door) == (claim,)


@pytest.mark.parametrize(
    ("breach", "claim"),
    [
        (column_for_first_names, "S12"),
        (page_edited_by_hand, "S1"),
        (row_older_than_its_retention, "S17"),
        (address_in_the_database, "X1"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_no_notice_is_published_while_the_breach_lasts(
    breach: Breach, claim: str, world: World, home: Path, capsys: Out
) -> None:
    add_customers(world, ["matti@esimerkki.fi"])
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    with breach(world, home):
        assert verdict_of(claim, capsys) == "broken"
        with pytest.raises(PublishingClosed, match=claim):
            publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    assert NoticeVersion.objects.count() == 1


def test_a_page_edited_by_hand_is_put_back_as_it_was_published(world: World, home: Path, capsys: Out) -> None:
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    text = NoticeVersion.objects.get().html_fi
    page_edited_by_hand(world, home)
    assert verdict_of("S1", capsys) == "broken"
    assert main(["notice", "restore"]) == 0
    assert "put back as they were published: 1." in capsys.readouterr().out
    assert NoticeVersion.objects.get().html_fi == text
    assert verdict_of("S1", capsys) == "holds"
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    assert main(["notice", "restore"]) == 0
    assert "Every version is as it was published." in capsys.readouterr().out


def test_a_text_that_its_facts_no_longer_give_is_not_made_up(world: World, home: Path, capsys: Out) -> None:
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    page_edited_by_hand(world, home)
    NoticeVersion.objects.update(facts={})
    assert main(["notice", "restore"]) == 1
    assert "Take the version from a backup." in capsys.readouterr().err


def test_a_shut_publishing_publishes_nothing(world: World, home: Path, capsys: Out) -> None:
    add_customers(world, ["matti@esimerkki.fi"])
    address_in_a_file(world, home)
    verdict_of("X1", capsys)
    with pytest.raises(PublishingClosed, match="X1"):
        publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    (home / "logs" / "web.log").unlink()
    assert verdict_of("X1", capsys) == "holds"
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)


def test_no_letter_goes_to_the_united_states_before_there_is_a_ground(world: World, home: Path, capsys: Out) -> None:
    relay_in_the_united_states(world, home)
    assert verdict_of("S20", capsys) == "broken"
    with pytest.raises(RelayUnusable):
        lawful_relays()
    Transfer.objects.create(
        processor=Processor.objects.get(name="Mailer Inc."), country="US", ground="clauses", reference="SCC 2026/3",
        checked_on=timezone.localdate(),
    )  # fmt: skip
    with pytest.raises(RelayUnusable):
        lawful_relays()
    assert verdict_of("S20", capsys) == "holds"
    assert [each.row.name for each in lawful_relays()] == ["us"]


def test_an_expired_balancing_test_stops_the_letters_of_its_purpose_and_no_others(
    world: World, home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luvalla.mailroom.sender.usable_relays", list)
    campaign = make_campaign(world)
    hold_unless_usable(campaign)
    BalancingTest.objects.filter(purpose=campaign.purpose).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert verdict_of("S8", capsys) == "broken"
    assert closed_by(Door.SENDING, campaign.purpose.key) == ("S8",)
    assert closed_by(Door.SENDING, world.research.key) == ()
    with pytest.raises(RelayUnusable) as closed:
        hold_unless_usable(campaign)
    assert closed.value.fault is RelayFault.PROMISE_BROKEN
    assert Hold.objects.get(campaign=campaign).relay == "S8"


def test_an_account_without_an_undertaking_shuts_the_door_of_signing_in(
    world: World, make_person: MakePerson, capsys: Out
) -> None:
    aino, maija = make_person("Aino Avoin", "communications"), make_person("Maija Malli", signed=False)
    assert verdict_of("S25", capsys) == "holds"
    with unconstrained():
        User.objects.filter(pk=maija.pk).update(is_active=True)
    assert verdict_of("S25", capsys) == "broken"
    assert closed_by(Door.SIGN_IN) == ("S25",)
    for person in (aino, maija):
        client = Client()
        client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
        assert "_auth_user_id" not in client.session
    User.objects.filter(pk=maija.pk).update(is_active=False)
    constrain_again()
    assert verdict_of("S25", capsys) == "holds"
    client = Client()
    client.post("/accounts/login/", {"login": aino.username, "password": PASSWORD})
    assert "_auth_user_id" in client.session
