"""Adopting the notice an organisation has, on the screen: read, told sentence by sentence, and taken into use."""

from __future__ import annotations

import html
import re
import tomllib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from luvalla.ledger.models import LedgerRow
from luvalla.notices.models import EarlierNotice
from luvalla.notices.queries import is_waiting
from luvalla.organisation.queries import the_controller
from tests.notices.adoption.notices import WATER
from tests.staff.conftest import Browse
from tests.support.world import World, make_world

ADOPT = "/staff/notice/adopt/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def owner(world: World, browse: Browse) -> Client:
    return browse("register_owner", name="Outi Omena")


def bring(client: Client, content: bytes | str, name: str = "seloste.txt") -> str:
    data = content.encode() if isinstance(content, str) else content
    return client.post(ADOPT, {"file": SimpleUploadedFile(name, data)}).content.decode()


def read_in(page: str) -> str:
    """Give the signed text that the page carries."""
    found = re.search(r'name="read" value="([^"]+)"', page)
    assert found
    return html.unescape(found[1])


def test_a_notice_is_told_sentence_by_sentence_with_what_has_to_change(owner: Client) -> None:
    page = bring(owner, WATER)
    assert re.search(r"(\d+) of \1 sentences have their place here", page)
    assert "Kirjepalvelu Kuvitelma Oy" in page
    weak = set(re.findall(r"<b>(W\d+)</b>", page))
    assert "W2" in weak, "a signature is asked for"
    assert "A signed paper is accepted, but a signature is never required." in page
    assert not EarlierNotice.objects.exists()
    assert LedgerRow.objects.filter(verb="notices.keep_earlier_notice").count() == 0


def test_it_is_kept_beside_the_published_ones_by_the_owner_only(owner: Client, browse: Browse) -> None:
    read = read_in(bring(owner, WATER))
    officer = browse("data_protection_officer", name="Tiina Tietosuoja")
    assert 'value="keep"' not in bring(officer, WATER)
    assert officer.post(ADOPT, {"act": "keep", "read": read}).status_code == 403
    page = owner.post(ADOPT, {"act": "keep", "read": read}).content.decode()
    assert "The notice is kept" in page
    kept = EarlierNotice.objects.get()
    assert kept.kept_by.startswith("person:")
    assert kept.sentences.filter(text__contains="allekirjoitettuna").exists()
    assert f"/en/privacy-notice/earlier/{kept.pk}/" in owner.get("/en/privacy-notice/versions/").content.decode()


def test_chosen_particulars_go_into_the_settings_and_the_notice_waits(owner: Client) -> None:
    page = bring(owner, WATER)
    assert "Lähdetie 14 B" in page
    assert " checked" not in page
    read = read_in(page)
    assert "Choose what is taken over" in owner.post(ADOPT, {"act": "take", "read": read}).content.decode()
    given = {"act": "take", "read": read, "detail": ["street", "phone", "mail_domain"]}
    assert owner.post(ADOPT, given).status_code == 302
    controller = the_controller()
    assert (controller.street, controller.phone) == ("Lähdetie 14 B", "010 123 4567")
    assert (controller.name, controller.mail_domain) == ("Esimerkki Energia Oy", "esimerkkienergia.example")
    assert is_waiting()


def test_a_configuration_for_a_new_installation_is_a_file(owner: Client) -> None:
    answer = owner.post(ADOPT, {"act": "draft", "read": read_in(bring(owner, WATER))})
    document = tomllib.loads(answer.content.decode())
    assert document["controller"]["name"] == "Kuviteltu Vesihuolto Oy"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 nothing", "damaged"),
        (b"PK\x03\x04 nothing", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "none of text, HTML, Word"),
        (b"too short", "holds no text"),
        (b"lorem ipsum dolor sit amet " * 20, "none of Finnish, Swedish and English"),
        (b"x" * (8 * 1024 * 1024 + 1), "larger than any privacy notice"),
    ],
)
def test_what_is_no_notice_is_refused_with_a_sentence(content: bytes, said: str, owner: Client) -> None:
    assert said in bring(owner, content)


def test_what_did_not_come_from_this_page_is_not_read(owner: Client) -> None:
    assert owner.post(ADOPT, {"act": "draft", "read": "made up"}).status_code == 404
    assert owner.post(ADOPT, {"act": "keep"}).status_code == 404
