from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from luvalla.campaigns.models import Campaign, Lifecycle, Picture
from luvalla.campaigns.queries import letter_of
from luvalla.cli.main import main
from luvalla.ledger.actors import SYSTEM
from luvalla.people.actions import revoke_undertaking
from tests.campaigns.making import photograph
from tests.support.world import World, make_world

LETTER = """\
subject: Talven sähkökatkot
preheader: Näin pärjäät.
language: sv

# Vinter

![Ett rött hus](talo.jpg)

Hej.

[Öppna](https://esimerkki.fi/)
"""
State = Lifecycle.State


@pytest.fixture(autouse=True)
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "talo.jpg").write_bytes(photograph())
    place = tmp_path / "letter.md"
    place.write_text(LETTER, encoding="utf-8")
    return place


def create(file: Path, *options: str, audience: str = "customers", purpose: str = "direct_marketing") -> int:
    return main(["campaign", "create", str(file), "--audience", audience, "--purpose", purpose, *options])


def fault(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)["error"]


def test_create_writes_as_the_author_and_prints_the_id_last(
    world: World, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create(file) == 0
    campaign = Campaign.objects.get()
    assert capsys.readouterr().out.splitlines()[-1] == str(campaign.pk)
    assert (campaign.author, campaign.language, campaign.preheader) == (world.author, "sv", "Näin pärjäät.")
    assert campaign.lifecycle.state == State.SUBMITTED
    assert [child.block_type for child in campaign.body] == ["heading", "picture", "text", "button"]


def test_json_is_one_document(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert create(file, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    campaign = Campaign.objects.get()
    assert document == {"id": campaign.pk, "ref": str(campaign.ref), "state": "submitted", "names": []}


def test_a_draft_stays_one(file: Path) -> None:
    assert create(file, "--draft") == 0
    assert Campaign.objects.get().lifecycle.state == State.DRAFT


def test_a_letter_without_a_language_is_in_the_audiences(file: Path, world: World) -> None:
    file.write_text("subject: Hei\n\nTeksti", encoding="utf-8")
    assert create(file) == 0
    assert Campaign.objects.get().language == world.customers.language


def test_addresses_in_the_letter_are_told_masked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("subject: Hei\n\nKysy: maija.malli@yritys.example", encoding="utf-8")
    assert create(file) == 0
    assert "m•••••@yritys.example" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"# Hei\n\nTeksti", "Line 1: This should be a line such as"),
        (b"preheader: x\n\nTeksti", 'The line "subject:" is missing or empty.'),
        (b"subject: Hei\nBcc: x@example.com\n\nTeksti", 'Line 2: Nothing is called "Bcc".'),
        (b"subject: Hei\n\nTeksti\x00", "Line 3: There is a control character (U+0000)"),
        (b"subject: Hei\n\n\xff", "Line 3: The file is not UTF-8 text."),
        (b"subject: Hei\n\n" + b"x" * 300_000, "The file is larger than 200 kB."),
        (b"subject: Hei\n\n[x](javascript:alert(1))", "Line 3: A letter may not link to this address."),
        (b"subject: Hei\n\nx\n\n![Talo](puuttuu.jpg)", "Line 5: There is no picture of this name"),
        (b"subject: Hei\n\n![Talo](../../etc/passwd)", "Line 3: There is no picture of this name"),
        (b"subject: Hei\n\n![Talo](letter.md)", "Line 3: The file is not a picture."),
        (b"subject: Hei\n\n---\n", "The letter has no text yet."),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_nothing_is_kept(
    content: bytes, sentence: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(content)
    assert create(file, "--json") == 1
    said = fault(capsys)
    assert said["kind"] == "refused"
    assert said["message"].startswith("letter.md: ")
    assert sentence in said["message"]
    assert not Campaign.objects.exists()


def test_a_picture_is_not_kept_when_the_letter_is_refused(file: Path, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    file.write_text(LETTER + "\n[x](javascript:alert(1)) ja\n", encoding="utf-8")
    assert create(file) == 1
    assert not Picture.objects.exists()
    assert not list((settings.MEDIA_ROOT / "original_images").glob("*"))


def test_what_is_not_there_is_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert create(file, audience="everybody", purpose="direct_marketing") == 3
    said = capsys.readouterr().err
    assert "customers" in said
    assert "prospects" in said
    assert create(file, purpose="profiling") == 3
    assert "direct_marketing" in capsys.readouterr().err
    assert create(file, "--by", "nobody") == 3


def test_an_account_without_the_role_or_the_undertaking_writes_nothing(file: Path, world: World) -> None:
    assert create(file, "--by", "approver") == 1
    revoke_undertaking(user=world.author, reason="lähti", actor=SYSTEM)
    assert create(file) == 1
    assert not Campaign.objects.exists()


def test_approve_freezes_the_letter(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(file)
    campaign = Campaign.objects.get()
    capsys.readouterr()
    assert main(["campaign", "approve", str(campaign.pk), "--by", "approver", "--json"]) == 0
    letter = letter_of(campaign)
    assert letter is not None
    assert json.loads(capsys.readouterr().out) == {"id": campaign.pk, "state": "approved", "digest": letter.digest}


def test_the_author_does_not_approve(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(file)
    campaign = Campaign.objects.get()
    capsys.readouterr()
    assert main(["campaign", "approve", str(campaign.pk), "--by", "author", "--json"]) == 4
    assert fault(capsys)["kind"] == "second_person_needed"
    assert letter_of(campaign) is None


def test_a_draft_and_an_approved_campaign_are_not_approved(file: Path) -> None:
    create(file, "--draft")
    number = str(Campaign.objects.get().pk)
    assert main(["campaign", "approve", number, "--by", "approver"]) == 1
    assert main(["campaign", "approve", "999", "--by", "approver"]) == 3
    assert main(["campaign", "approve", number, "--by", "nobody"]) == 3
