from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone, translation
from pytest_django import Settings

from luvalla.ledger.actors import OPERATOR
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.models import Delivery, Hold, Relay
from luvalla.mailroom.preflight import usable_relays
from luvalla.mailroom.queries import progress
from luvalla.mailroom.relays import lawful_relays, without_credentials
from luvalla.mailroom.sender import send_campaign
from luvalla.mailroom.sentences import relay_sentence
from luvalla.organisation.models import Processor, Transfer
from luvalla.sending.testing import Receiver, make_certificate
from tests.mailroom.test_sending import approved
from tests.mailroom.world import World, add_customers

TODAY = date(2026, 11, 24)


def fault_of_lawful(today: date = TODAY) -> RelayFault | None:
    try:
        lawful_relays(today)
    except RelayUnusable as unusable:
        return unusable.fault
    return None


def fault_of_usable() -> RelayFault | None:
    try:
        usable_relays()
    except RelayUnusable as unusable:
        return unusable.fault
    return None


@pytest.fixture
def nothing_set(world: World, settings: Settings) -> World:
    settings.LUVALLA_SMTP_URL = ""
    settings.LUVALLA_SMTP_PASSWORD_FILE = ""
    return world


def processor(country: str) -> Processor:
    return Processor.objects.create(
        name=f"Posti {country}",
        role="relay",
        country=country,
        contract_reference="DPA 1",
        contract_from=date(2026, 1, 1),
        contract_until=date(2027, 6, 30),
    )


def test_without_a_relay_nothing_can_be_sent(nothing_set: World) -> None:
    assert fault_of_lawful() is RelayFault.NONE_SET


def test_a_relay_on_this_machine_is_the_controller_s_own(nothing_set: World, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = "smtp://127.0.0.1:2525"
    (only,) = lawful_relays(TODAY)
    assert (only.row.name, only.row.url) == ("127.0.0.1:2525", "smtp://127.0.0.1:2525")
    assert lawful_relays(TODAY)[0].row.pk == only.row.pk


def test_a_relay_elsewhere_needs_a_place_a_contract_and_beyond_the_eea_a_ground(nothing_set: World) -> None:
    row = Relay.objects.create(name="west", url="smtp+starttls://smtp.west.example:587")
    assert fault_of_lawful() is RelayFault.UNKNOWN_PLACE
    row.country = "US"
    row.save()
    assert fault_of_lawful() is RelayFault.NO_CONTRACT
    row.processor = processor("US")
    row.save()
    assert fault_of_lawful() is RelayFault.NO_TRANSFER
    Transfer.objects.create(
        processor=row.processor, country="US", ground="adequacy", reference="EU 2023/1795", checked_on=TODAY,
        expires_on=TODAY + timedelta(days=1),
    )  # fmt: skip
    assert fault_of_lawful() is None
    assert fault_of_lawful(TODAY + timedelta(days=2)) is RelayFault.NO_TRANSFER


def test_a_relay_in_the_eea_needs_a_contract_in_force(nothing_set: World) -> None:
    row = Relay.objects.create(name="north", url="smtps://smtp.north.example", country="SE", processor=processor("SE"))
    assert fault_of_lawful() is None
    assert fault_of_lawful(date(2027, 7, 1)) is RelayFault.NO_CONTRACT
    row.in_use = False
    row.save()
    assert fault_of_lawful() is RelayFault.NONE_SET


def test_a_lawful_relay_is_used_where_another_may_not_be(nothing_set: World) -> None:
    Relay.objects.create(name="west", url="smtps://smtp.west.example", country="US", order=0)
    Relay.objects.create(name="own", url="smtp://127.0.0.1:2525", order=1)
    assert [each.row.name for each in lawful_relays(TODAY)] == ["own"]


def test_a_url_that_cannot_work_is_said_to_be_one(nothing_set: World, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = "smtp://user:secret@mail.example.com"
    assert fault_of_lawful() is RelayFault.MISCONFIGURED


def test_credentials_are_never_stored(nothing_set: World, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = "smtp+starttls://user:s%40cret@localhost:587?ehlo_name=posti.esimerkki.fi"
    lawful_relays(TODAY)
    assert Relay.objects.get().url == "smtp+starttls://localhost:587?ehlo_name=posti.esimerkki.fi"
    assert without_credentials("smtps://u:p@[::1]:465?password_file=/x") == "smtps://[::1]:465"


@pytest.fixture
def not_a_relay() -> Iterator[str]:
    """Listen and speak something that isn't SMTP."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_what_is_no_relay_is_told_from_one(nothing_set: World, settings: Settings, not_a_relay: str) -> None:
    settings.LUVALLA_SMTP_URL = not_a_relay
    assert fault_of_usable() is RelayFault.NOT_A_RELAY
    settings.LUVALLA_SMTP_URL = "smtp://127.0.0.1:1"
    assert fault_of_usable() is RelayFault.UNREACHABLE
    with Receiver() as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url
        assert fault_of_usable() is None


def test_wrong_credentials_are_noticed_before_anything_is_sent(nothing_set: World, settings: Settings) -> None:
    with Receiver(users={"kirje": "oikea"}) as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url.replace("://", "://kirje:vaara@")
        assert fault_of_usable() is RelayFault.WRONG_CREDENTIALS
        settings.LUVALLA_SMTP_URL = receiver.url.replace("://", "://kirje:oikea@")
        assert fault_of_usable() is None


def test_a_password_in_a_file_logs_in(nothing_set: World, settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "password"
    place.write_text("oikea\n")
    with Receiver(users={"kirje": "oikea"}) as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url.replace("://", "://kirje@")
        settings.LUVALLA_SMTP_PASSWORD_FILE = str(place)
        assert fault_of_usable() is None
        assert "password" not in Relay.objects.get().url


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    nothing_set: World, settings: Settings, security: str
) -> None:
    with Receiver(security=security) as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url
        assert fault_of_usable() is RelayFault.CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize(
    ("names", "days_ago", "fault"),
    [
        (("127.0.0.1",), 60, RelayFault.CERTIFICATE_EXPIRED),
        (("posti.example",), 1, RelayFault.CERTIFICATE_OF_ANOTHER),
        (("127.0.0.1",), 1, None),
    ],
)
def test_what_is_wrong_with_a_certificate_is_said(  # noqa: PLR0917  # fixtures and parameters
    nothing_set: World,
    settings: Settings,
    tmp_path: Path,
    names: tuple[str, ...],
    days_ago: int,
    fault: RelayFault | None,
) -> None:
    certificate = make_certificate(names, begins=datetime.now(UTC) - timedelta(days=days_ago))
    (tmp_path / "own.pem").write_text(certificate.pem)
    with Receiver(security="tls", certificate=certificate) as receiver:
        settings.LUVALLA_SMTP_URL = f"{receiver.url}?ca_file={tmp_path / 'own.pem'}"
        assert fault_of_usable() is fault


def test_a_relay_without_the_encryption_that_was_asked_for_is_refused(nothing_set: World, settings: Settings) -> None:
    with Receiver() as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url.replace("smtp://", "smtp+starttls://")
        assert fault_of_usable() is RelayFault.NO_TLS


def test_a_campaign_is_held_with_the_reason_and_sent_once_it_is_gone(
    open_world: World, settings: Settings, receiver: Receiver
) -> None:
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = approved(open_world)
    settings.LUVALLA_SMTP_URL = "smtp://127.0.0.1:1"
    with pytest.raises(RelayUnusable):
        send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    held = progress(campaign)
    assert (held.state, held.fault, held.relay, held.permitted) == ("approved", "unreachable", "127.0.0.1:1", 0)
    assert Delivery.objects.count() == 0
    settings.LUVALLA_SMTP_URL = receiver.url
    assert send_campaign(campaign.pk, workers=1, actor=OPERATOR).state == "finished"
    assert not Hold.objects.exists()


def test_credentials_that_stop_working_hold_a_campaign_on_its_way(open_world: World, settings: Settings) -> None:
    add_customers(open_world, ["matti@esimerkki.fi", "maija@esimerkki.fi"])
    campaign = approved(open_world)
    with Receiver(users={"kirje": "oikea"}) as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url.replace("://", "://kirje:oikea@")
        relays = usable_relays()
        receiver.users = {"kirje": "uusi"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("luvalla.mailroom.sender.usable_relays", lambda: relays)
            result = send_campaign(campaign.pk, workers=1, actor=OPERATOR)
        assert (result.state, result.fault, result.accepted) == ("sending", "wrong_credentials", 0)
        assert Relay.objects.get().held_until > timezone.now() - timedelta(seconds=30)
        settings.LUVALLA_SMTP_URL = receiver.url.replace("://", "://kirje:uusi@")
        result = send_campaign(campaign.pk, workers=1, actor=OPERATOR)
        assert (result.state, result.fault, result.accepted) == ("finished", "", 2)
        assert len(receiver.messages) == 2


@pytest.mark.parametrize("fault", list(RelayFault))
def test_every_fault_has_its_sentence_with_what_to_do(fault: RelayFault) -> None:
    sentence = relay_sentence(fault, "posti.esimerkki.fi")
    assert sentence.endswith(".")
    assert "%" not in sentence


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_fault_of_a_relay_has_a_sentence_of_its_own(language: str) -> None:
    with translation.override(language):
        said = {fault: relay_sentence(fault, "posti") for fault in RelayFault}
    assert all(said.values())
    assert len(set(said.values())) == len(RelayFault)
    assert "posti" in said[RelayFault.UNREACHABLE]
