"""Letters through a processor's mail API, django-anymail's Postmark, against a stand-in of its HTTP interface."""

from __future__ import annotations

import socket
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from luvalla.ledger.actors import OPERATOR
from luvalla.mailroom import api_relay
from luvalla.mailroom.api_pool import ApiPool
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.kinds import read_relay
from luvalla.mailroom.models import Relay
from luvalla.mailroom.preflight import usable_relays
from luvalla.mailroom.relays import check_url, fault_of_row, without_credentials
from luvalla.mailroom.sender import send_campaign
from luvalla.organisation.models import Processor
from luvalla.sending.errors import RelayMisconfigured
from luvalla.sending.item import Item
from luvalla.sending.outcome import Kind, Outcome, Reason
from tests.mailroom.api_stand_in import ACCEPTED, TOKEN, ApiStandIn
from tests.mailroom.test_sending import approved
from tests.mailroom.world import World, add_customers, assert_sums_are_whole
from tests.support.loops import run_apart

LETTER = (
    b"DKIM-Signature: v=1; a=rsa-sha256\r\nFrom: Esimerkki <uutiset@esimerkki.fi>\r\nTo: maija@example.com\r\n"
    b"Subject: =?utf-8?q?Sy=C3=A4sty?=\r\nMessage-ID: <1@esimerkki.fi>\r\n"
    b"List-Unsubscribe: <https://kirjeet.esimerkki.fi/s/x>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHei\r\n"
    b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hei</p>\r\n--x--\r\n"
)


@pytest.fixture
def secrets_file(tmp_path: Path) -> Path:
    place = tmp_path / "postmark.toml"
    place.write_text(f'server_token = "{TOKEN}"\n')
    return place


def url_of(stand_in: ApiStandIn, secrets_file: Path) -> str:
    return f"anymail+postmark://{stand_in.host}/?secrets_file={secrets_file}"


def send_one(stand_in: ApiStandIn, secrets_file: Path, *, recipient: bytes = b"maija@example.com") -> Outcome:
    outcomes: list[Outcome] = []
    relay = read_relay(url_of(stand_in, secrets_file))
    assert isinstance(relay, api_relay.ApiRelay)

    async def send() -> None:
        pool = ApiPool(relay)
        await pool.send_window(
            [Item(0, b"bounce+1@esimerkki.fi", recipient, LETTER)],
            may_start=lambda: True,
            on_outcome=lambda _, outcome: outcomes.append(outcome),
        )
        await pool.close()

    run_apart(send())
    (outcome,) = outcomes
    return outcome


def test_a_letter_arrives_whole_with_its_stop_field_and_no_tracking(secrets_file: Path) -> None:
    with ApiStandIn() as stand_in:
        assert send_one(stand_in, secrets_file).kind is Kind.ACCEPTED
    (letter,) = stand_in.letters
    assert (letter["To"], letter["Subject"]) == ("maija@example.com", "Syästy")
    assert (letter["TextBody"].strip(), letter["HtmlBody"].strip()) == ("Hei", "<p>Hei</p>")
    assert (letter["TrackOpens"], letter["TrackLinks"]) == (False, "None")
    assert {each["Name"]: each["Value"] for each in letter["Headers"]} == {
        "Message-ID": "<1@esimerkki.fi>", "List-Unsubscribe": "<https://kirjeet.esimerkki.fi/s/x>"
    }  # fmt: skip


INACTIVE = "Found inactive addresses: maija@example.com. Inactive recipients are ones that bounced."


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        ((422, {"ErrorCode": 406, "Message": INACTIVE}), Kind.REFUSED, Reason.MAILBOX_UNAVAILABLE),
        ((422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'maija@example.com'."}), Kind.REFUSED,
         Reason.BAD_ADDRESS),
        ((422, {"ErrorCode": 300, "Message": "Invalid 'From' address"}), Kind.REFUSED, Reason.CONTENT),
        ((413, {}), Kind.REFUSED, Reason.TOO_BIG),
        ((429, {}), Kind.NOT_SENT, Reason.RELAY_BUSY),
        ((503, {}), Kind.NOT_SENT, Reason.RELAY_BUSY),
        ((500, {}), Kind.UNKNOWN, Reason.UNSPECIFIED),
        ((200, {"nonsense": 1}), Kind.UNKNOWN, Reason.UNSPECIFIED),
        (None, Kind.UNKNOWN, Reason.CONNECTION_LOST),
        (1.0, Kind.UNKNOWN, Reason.TIMEOUT),
    ],
)  # fmt: skip
def test_what_the_api_answers_becomes_an_outcome(
    secrets_file: Path, monkeypatch: pytest.MonkeyPatch, answer: Any, kind: Kind, reason: Reason
) -> None:
    monkeypatch.setattr(api_relay, "TIMEOUTS", (0.5, 0.5))
    with ApiStandIn(lambda _: answer) as stand_in:
        outcome = send_one(stand_in, secrets_file)
    assert (outcome.kind, outcome.reason) == (kind, reason)


def test_an_api_that_is_away_or_lets_nobody_in_has_not_got_the_letter(secrets_file: Path) -> None:
    with ApiStandIn() as stand_in:
        secrets_file.write_text('server_token = "another"\n')
        assert send_one(stand_in, secrets_file).reason is Reason.AUTH
    assert send_one(stand_in, secrets_file) == Outcome(Kind.NOT_SENT, reason=Reason.NO_CONNECTION)
    secrets_file.write_text("")
    with ApiStandIn() as stand_in:
        assert send_one(stand_in, secrets_file).reason is Reason.AUTH


def test_a_campaign_leaves_through_an_api_and_its_busy_answers_are_tried_again(
    open_world: World, settings: Settings, secrets_file: Path
) -> None:
    settings.LUVALLA_SMTP_URL = ""
    asked: list[str] = []

    def answer(letter: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        asked.append(letter["To"])
        if letter["To"].startswith("katkeaa"):
            return None
        return (429, {}) if letter["To"].startswith("kiire") and asked.count(letter["To"]) == 1 else (200, ACCEPTED)

    with ApiStandIn(answer) as stand_in:
        Relay.objects.create(name="api", url=url_of(stand_in, secrets_file))
        names = ["katkeaa", *(f"kiire{number}" for number in range(3)), *(f"a{number}" for number in range(30))]
        add_customers(open_world, [f"{name}@esimerkki.fi" for name in names])
        campaign = approved(open_world)
        result = send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert (result.state, result.accepted, result.unknown) == ("finished", 33, 1)
    assert asked.count("katkeaa@esimerkki.fi") == 1
    assert len(stand_in.letters) == 37
    assert_sums_are_whole(campaign)


def test_wrong_credentials_hold_the_campaign(open_world: World, settings: Settings, secrets_file: Path) -> None:
    settings.LUVALLA_SMTP_URL = ""
    secrets_file.write_text('server_token = "another"\n')
    with ApiStandIn() as stand_in:
        Relay.objects.create(name="api", url=url_of(stand_in, secrets_file))
        add_customers(open_world, ["matti@esimerkki.fi"])
        result = send_campaign(approved(open_world).pk, workers=1, actor=OPERATOR)
    assert (result.state, result.fault, result.accepted) == ("sending", "wrong_credentials", 0)


def test_an_api_is_tried_before_the_sending(world: World, settings: Settings, secrets_file: Path) -> None:
    settings.LUVALLA_SMTP_URL = ""
    with ApiStandIn() as stand_in:
        row = Relay.objects.create(name="api", url=url_of(stand_in, secrets_file))
        assert [each.row for each in usable_relays()] == [row]
        secrets_file.write_text("")
        with pytest.raises(RelayUnusable) as refused:
            usable_relays()
        assert refused.value.fault is RelayFault.WRONG_CREDENTIALS
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        secrets_file.write_text(f'server_token = "{TOKEN}"\n')
        Relay.objects.update(url=f"anymail+postmark://127.0.0.1:{closed.getsockname()[1]}/?secrets_file={secrets_file}")
        with pytest.raises(RelayUnusable) as refused:
            usable_relays()
    assert refused.value.fault is RelayFault.UNREACHABLE


def test_an_api_elsewhere_needs_its_place_and_its_contract(world: World) -> None:
    today = date(2026, 11, 24)
    row = Relay.objects.create(name="api", url="anymail+postmark:?secrets_file=/etc/luvalla/postmark.toml")
    assert fault_of_row(row, today) is RelayFault.UNKNOWN_PLACE
    row.country = "US"
    row.processor = Processor.objects.create(
        name="Posti", role="relay", country="US", contract_reference="DPA 1", contract_from=date(2026, 1, 1)
    )
    assert fault_of_row(row, today) is RelayFault.NO_TRANSFER


@pytest.mark.parametrize(
    "url",
    [
        "anymail+nobody:?secrets_file=/x",
        "anymail+console:",
        "anymail+base_requests:",
        "anymail+postmark://user:secret@127.0.0.1/",
        "anymail+postmark:?token=secret",
        "anymail+postmark:?connections=0",
        "anymail+postmark://127.0.0.1:99999999/",
    ],
)
def test_what_is_no_api_is_refused_without_repeating_it(url: str) -> None:
    assert check_url(url) is not None
    with pytest.raises(RelayMisconfigured) as refused:
        read_relay(url)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_away_or_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("= nothing")
    for name in ("away.toml", "broken.toml"):
        with pytest.raises(RelayMisconfigured):
            read_relay(f"anymail+postmark:?secrets_file={tmp_path / name}")


def test_credentials_stay_out_of_what_is_shown() -> None:
    url = "anymail+mailjet://api.eu.mailjet.com/v3.1/?secrets_file=/etc/x.toml"
    assert without_credentials(url) == "anymail+mailjet://api.eu.mailjet.com/v3.1/"
