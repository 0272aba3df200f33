"""A flood of mails with forged senders: all of them are cases, and few strangers are written to."""

from __future__ import annotations

import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.receiving import MailReceiver
from luvalla.mailroom.service_messages import send_service_message
from luvalla.rights import claims, pace
from luvalla.rights.actions.intake import finish_arrival
from luvalla.rights.errors import StepRefused
from luvalla.rights.mail_intake import take_request
from luvalla.rights.models import DataRequest
from luvalla.rules.due_dates import due_date
from luvalla.sending.testing import Receiver
from tests.support.requests import Desk, ask
from tests.support.world import World, make_world

FLOOD, CEILING, AT_ONCE = 500, 25, 4
ACKNOWLEDGEMENT = "rights_acknowledgement"


def mail(number: int, words: str = "Mitä tietoja teillä on minusta?", **headers: str) -> bytes:
    head = {"From": f"vieras{number}@esimerkki.fi", "Subject": "x", **headers}
    lines = "\r\n".join(f"{name.replace('_', '-')}: {value}" for name, value in head.items())
    return f"{lines}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n".encode()


def brought(world: World, raw: bytes) -> DataRequest:
    assert take_request(raw, world.controller.dpo_email)
    return DataRequest.objects.latest("pk")


def written_to() -> int:
    return ServiceMessage.objects.filter(kind=ACKNOWLEDGEMENT).count()


@pytest.fixture
def two(settings: Settings) -> None:
    """Let two mails an hour be acknowledged."""
    settings.LUVALLA_ACKNOWLEDGEMENTS_AN_HOUR = 2


@pytest.mark.usefixtures("transactional_db")
def test_five_hundred_forged_senders_are_five_hundred_cases_with_every_stop_and_few_letters(settings: Settings) -> None:
    settings.LUVALLA_ACKNOWLEDGEMENTS_AN_HOUR = CEILING
    world = make_world()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])

    def send(first: int) -> int:
        with smtplib.SMTP("127.0.0.1", port, timeout=120) as door:
            for number in range(first, FLOOD, AT_ONCE):
                words = "Älkää enää lähettäkö kirjeitä." if number % 2 else "Mitä tietoja teillä on minusta?"
                assert (
                    door.sendmail(f"vieras{number}@esimerkki.fi", [world.controller.dpo_email], mail(number, words))
                    == {}
                )
        return len(range(first, FLOOD, AT_ONCE))

    with MailReceiver("127.0.0.1", port), ThreadPoolExecutor(AT_ONCE) as many:
        assert sum(many.map(send, range(AT_ONCE))) == FLOOD
    cases = DataRequest.objects.all()
    assert cases.count() == FLOOD
    assert all(each.due_on == due_date(each.receipt_date) for each in cases)
    assert cases.exclude(blocked_at=None).count() == FLOOD // 2, "no stop waits for anybody"
    with Receiver() as outside:
        settings.LUVALLA_SMTP_URL = outside.url
        for message in ServiceMessage.objects.values_list("pk", flat=True):
            send_service_message(message)
        assert len(outside.messages) == CEILING
        assert pace.held_requests().count() == FLOOD - CEILING
        for each in pace.held_requests()[:3]:
            finish_arrival(request=each)
        assert written_to() == CEILING, "nothing goes out by itself later"
    connection.close()


@pytest.mark.usefixtures("two")
def test_the_next_hour_has_its_own_turns_and_what_was_held_waits_for_people(world: World) -> None:
    for number in range(3):
        brought(world, mail(number))
    assert written_to() == 2
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        brought(world, mail(3))
        for each in DataRequest.objects.all():
            finish_arrival(request=each)
        assert written_to() == 3
    assert [each.number[-4:] for each in pace.held_requests()] == ["0003"]


@pytest.mark.usefixtures("two")
def test_somebody_of_the_desk_lets_go_what_they_have_seen_and_it_leaves_whatever_the_pace(
    world: World, desk: Desk
) -> None:
    held = [brought(world, mail(number)) for number in range(5)][2:]
    with pytest.raises(StepRefused):
        pace.let_go(up_to=held[1].pk, actor=desk.custodian)
    assert pace.let_go(up_to=held[1].pk, actor=desk.clerk) == 2
    for each in DataRequest.objects.all():
        finish_arrival(request=each)
    assert written_to() == 4
    assert list(pace.held_requests()) == [held[2]], "what came after the look still waits"
    assert LedgerRow.objects.get(verb="rights.let_acknowledgements_go").facts == {"requests": 2, "why": {"pace": 2}}


@pytest.mark.usefixtures("two")
def test_what_is_dropped_is_never_sent_and_the_request_stays_open_with_its_clock(world: World, desk: Desk) -> None:
    held = [brought(world, mail(number)) for number in range(3)][2]
    assert pace.drop(up_to=held.pk, actor=desk.handler) == 1
    held.refresh_from_db()
    finish_arrival(request=held)
    assert written_to() == 2
    assert (held.state, held.due_on) == ("received", due_date(held.receipt_date))


@pytest.mark.usefixtures("two")
def test_the_site_and_the_post_have_their_own_doors_and_take_no_turn(world: World) -> None:
    for number in range(4):
        ask(address=f"lomake{number}@esimerkki.fi", proved=False)
    brought(world, mail(0))
    assert written_to() == 5


OURS = "mx.esimerkkienergia.example"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, ("paced", "")),
        ({"Authentication_Results": f"{OURS}; dmarc=pass (p=reject) header.from=esimerkki.fi"}, ("free", "")),
        ({"Authentication_Results": f"{OURS} 1; spf=pass smtp.mailfrom=x.example; dmarc=fail"}, ("held", "forged")),
        ({"Authentication_Results": f"{OURS}; spf=fail smtp.mailfrom=x.example; dkim=none"}, ("held", "forged")),
        ({"Authentication_Results": f"{OURS}; spf=fail; dkim=pass header.d=esimerkki.fi"}, ("paced", "")),
        ({"Authentication_Results": f"{OURS}; none (dmarc=pass)"}, ("paced", "")),
        ({"Authentication_Results": "mx.evil.example; dmarc=pass"}, ("paced", "")),
        ({"Authentication_Results": f"evil.example; x={OURS}; dmarc=pass"}, ("paced", "")),
        ({"Return_Path": "<>"}, ("held", "automatic")),
        ({"Precedence": "bulk"}, ("held", "automatic")),
        ({"List_Id": "<lista.example>"}, ("held", "automatic")),
        ({"From": "MAILER-DAEMON@esimerkki.fi"}, ("held", "automatic")),
        ({"From": "noreply@esimerkki.fi"}, ("held", "automatic")),
    ],
)
def test_what_the_own_mail_server_found_and_who_never_gets_an_answer_decide(
    world: World, settings: Settings, headers: dict[str, str], expected: tuple[str, str]
) -> None:
    settings.LUVALLA_MAIL_CHECKED_BY = OURS
    request = brought(world, mail(0, "Poistakaa kaikki tietoni.", **headers))
    assert (request.acknowledgement, pace.why_held([request]).get(request.pk, "")) == expected
    assert written_to() == (expected[0] != "held")
    assert request.blocked_at is not None, "whoever it is from, a stop is a stop"


def test_without_a_name_in_the_settings_no_result_is_believed(world: World) -> None:
    request = brought(world, mail(0, Authentication_Results="mx.esimerkki.fi; dmarc=fail"))
    assert request.acknowledgement == "paced"


@pytest.mark.usefixtures("two")
def test_a_sender_whose_domain_vouches_is_answered_in_the_middle_of_a_flood(world: World, settings: Settings) -> None:
    settings.LUVALLA_MAIL_CHECKED_BY = OURS
    for number in range(3):
        brought(world, mail(number))
    brought(world, mail(3, Authentication_Results=f"{OURS}; dmarc=pass"))
    assert written_to() == 3


@pytest.mark.usefixtures("two")
def test_the_claim_waits_three_days_for_people_and_is_broken_then(world: World) -> None:
    for number in range(3):
        brought(world, mail(number))
    for days, silent in ((0, 0), (2, 0), (4, 1)):
        with time_machine.travel(timezone.now() + timedelta(days=days, hours=2), tick=False):
            assert claims.anybody_may_ask_in_any_way().figures["not_acknowledged"] == silent
