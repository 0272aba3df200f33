"""Whoever told the customer service "no marketing" gets none, and the letters of the contract all the same."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger.actors import OPERATOR, SYSTEM
from luvalla.ledger.backups.locks import configured_key, configured_lock, make_own_key
from luvalla.ledger.backups.making import make_backup
from luvalla.ledger.backups.restoring import restore
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import Withheld
from luvalla.mailroom.sender import send_campaign
from luvalla.register.models import Contact, Prohibition, StagedProhibition
from luvalla.register.queries import prohibited_kinds
from luvalla.rules.address import normalise
from luvalla.rules.purposes import MARKETING
from luvalla.sending.testing import Receiver
from tests.scenarios.test_g1 import tonight
from tests.support.campaigns import approved_campaign
from tests.support.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True)]
FORBIDDING, OTHERS = 12, 8


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Write an export as an old system does, in its encoding, with a title above and columns nobody needs."""
    words = ("Kyllä", "X", "1", "TOSI", "12.3.2024", "soitti itse")
    rows = [f"Maija;kielto{number}@esimerkki.fi;{words[number % len(words)]};040" for number in range(FORBIDDING)]
    rows += [f"Ville;asiakas{number}@esimerkki.fi;{('', 'Ei', '0')[number % 3]};040" for number in range(OTHERS)]
    place = tmp_path / "asiakkaat.csv"
    header = "Nimi;Sähköposti;Suoramarkkinointikielto;Puhelin"
    place.write_bytes("\r\n".join(["Asiakkaat;;;", header, *rows, ""]).encode("cp1252"))
    return place


def run(file: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    capsys.readouterr()
    assert main(["import", str(file), "--source", "crm", "--permission", "customer", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def sent(world: World, settings: Settings, purpose: str) -> list[str]:
    """Send a letter for the purpose; tell whom the receiver saw, when both ends count alike."""
    with Receiver() as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url
        campaign = approved_campaign(world, purpose=purpose)
        result = send_campaign(campaign.pk, workers=1, actor=SYSTEM)
    assert result.accepted == len(receiver.messages)
    refused = Counter({each.reason: each.contacts for each in Withheld.objects.filter(campaign=campaign.pk)})
    assert refused == (Counter(prohibited=FORBIDDING) if purpose == "marketing" else Counter())
    return sorted(message.recipients[0].decode() for message in receiver.messages)


def test_who_forbade_marketing_in_the_customer_system_gets_only_the_letters_of_the_contract(
    world: World, export: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = run(export, capsys, "--dry-run")
    expected = {"rows": FORBIDDING, "forbidden": FORBIDDING, "subscribed": 0}
    assert tried["prohibitions"] == expected
    assert not Contact.objects.exists()
    assert not StagedProhibition.objects.exists()
    document = run(export, capsys)
    assert document["prohibitions"] == expected
    assert document["groups"]["new"] == FORBIDDING + OTHERS
    assert document["columns"]["kept"] == ["Sähköposti", "Suoramarkkinointikielto"]

    marketing = sent(world, settings, "marketing")
    assert marketing == sorted(f"asiakas{number}@esimerkki.fi" for number in range(OTHERS))
    information = sent(world, settings, "information")
    assert len(information) == FORBIDDING + OTHERS

    again = run(export, capsys)
    assert again["prohibitions"] == {"rows": FORBIDDING, "forbidden": 0, "subscribed": 0}


def test_control_without_the_column_the_letter_goes_to_everybody(
    world: World, export: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    export.write_bytes(export.read_bytes().replace(b"Suoramarkkinointikielto", b"Huomautus"))
    document = run(export, capsys)
    assert document["prohibitions"]["rows"] == 0
    with Receiver() as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url
        send_campaign(approved_campaign(world).pk, workers=1, actor=SYSTEM)
    assert len(receiver.messages) == FORBIDDING + OTHERS


@pytest.mark.usefixtures("nobody_else")
def test_an_older_backup_still_refuses_what_was_forbidden_since(
    world: World, export: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    tonight(world, *(f"kielto{number}@esimerkki.fi" for number in range(FORBIDDING)), "asiakas0@esimerkki.fi")
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    run(export, capsys)
    assert Prohibition.objects.count() == FORBIDDING
    restore(place=made.place, key=configured_key(), replace=True, actor=OPERATOR)
    assert prohibited_kinds(sealer().folded_token(normalise("kielto3@esimerkki.fi"))) == MARKETING
    with Receiver() as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url
        send_campaign(approved_campaign(world).pk, workers=1, actor=SYSTEM)
    assert [message.recipients[0] for message in receiver.messages] == [b"asiakas0@esimerkki.fi"]
