"""The archive shows what has left, as it was frozen, and serves pictures of letters and nothing else."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client

from luvalla.campaigns.actions import add_picture, begin_sending, cancel_campaign, finish_campaign
from luvalla.campaigns.models import Campaign, Letter
from luvalla.campaigns.queries import letter_of
from luvalla.ledger.actors import SYSTEM
from luvalla.public.paths import path_of
from luvalla.rules.purposes import LegalBasis
from tests.campaigns.making import approved, photograph
from tests.public.test_pages import check_headers
from tests.support.world import World


@pytest.fixture
def campaign(world: World) -> Campaign:
    """Give an approved campaign whose letter hasn't left."""
    return approved(world)


def left(campaign: Campaign) -> str:
    """Begin to send a campaign and give its letter's path."""
    begin_sending(campaign=campaign, actor=SYSTEM)
    return path_of("letter", "fi", ref=campaign.ref)


def test_a_letter_is_public_once_it_has_begun_to_leave(campaign: Campaign, visitor: Client) -> None:
    path = path_of("letter", "fi", ref=campaign.ref)
    assert visitor.get(path).status_code == 404
    assert "Talven sähkökatkot" not in visitor.get("/fi/arkisto/").content.decode()
    left(campaign)
    assert visitor.get(path).status_code == 200
    for page in ("/fi/arkisto/", "/fi/"):
        response = visitor.get(page)
        check_headers(response)
        assert f'href="{path}"' in response.content.decode()
    assert path not in visitor.get("/sv/arkiv/").content.decode()
    assert visitor.get(path_of("letter", "sv", ref=campaign.ref)).status_code == 404
    finish_campaign(campaign=campaign, actor=SYSTEM)
    assert visitor.get(path).status_code == 200


def test_a_cancelled_letter_and_a_service_letter_are_not_public(world: World, visitor: Client) -> None:
    cancelled, service = approved(world), approved(world, purpose=world.information)
    paths = [left(cancelled), left(service)]
    cancel_campaign(campaign=cancelled, actor=SYSTEM)
    world.information.basis = LegalBasis.CONTRACT
    world.information.save()
    assert [visitor.get(each).status_code for each in paths] == [404, 404]


def test_a_letters_page_is_the_frozen_one_under_a_policy_of_its_own(campaign: Campaign, visitor: Client) -> None:
    response = visitor.get(left(campaign))
    letter = letter_of(campaign)
    assert letter is not None
    assert response.content.decode() == letter.web_html
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'; style-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert not response.cookies
    assert "/s/" not in letter.web_html
    again = visitor.get(path_of("letter", "fi", ref=campaign.ref), headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_a_page_of_the_archive_asks_the_database_little_and_for_no_text(
    world: World, visitor: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(32):
        left(approved(world, subject=f"Kirje {number}"))
    with django_assert_max_num_queries(4) as asked:  # type: ignore[operator]  # pytest-django's fixture has no type
        text = visitor.get("/fi/arkisto/").content.decode()
    assert "web_html" not in " ".join(each["sql"] for each in asked.captured_queries)
    assert text.count("Kirje ") == 30
    assert 'href="?page=2"' in text
    assert visitor.get("/fi/arkisto/?page=2").content.decode().count("Kirje ") == 2
    assert visitor.get("/fi/arkisto/?page=99&x=<b>").status_code == 200


def test_the_feed_is_rss_with_whole_addresses(campaign: Campaign, visitor: Client) -> None:
    path = left(campaign)
    response = visitor.get("/fi/arkisto/rss.xml")
    assert response["Content-Type"].startswith("application/rss+xml")
    channel = fromstring(response.content).find("channel")
    assert channel is not None
    assert channel.findtext("language") == "fi"
    assert channel.findtext("item/title") == "Talven sähkökatkot"
    assert channel.findtext("item/link") == f"http://127.0.0.1:8000{path}"
    assert channel.findtext("item/guid") == channel.findtext("item/link")
    assert channel.findtext("item/pubDate")


def test_only_renditions_of_pictures_are_served(world: World, visitor: Client) -> None:
    picture = add_picture(content=photograph(), title="Talo", by=world.author, actor=SYSTEM)
    rendition = picture.get_rendition("max-100x100")
    response = visitor.get(f"/media/{rendition.file.name}")
    assert response.status_code == 200
    assert b"".join(response) == rendition.file.open("rb").read()  # type: ignore[attr-defined]  # a streamed response
    rendition.file.close()
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    for name in (picture.file.name, "../keys/keyring.json", "luvalla.sqlite3", f"{rendition.file.name}/", "images/"):
        assert visitor.get(f"/media/{name}").status_code == 404
    rendition.file.storage.delete(rendition.file.name)
    assert visitor.get(f"/media/{rendition.file.name}").status_code == 404
    assert visitor.post(f"/media/{rendition.file.name}").status_code == 405


def test_markup_in_a_subject_is_text(world: World, visitor: Client) -> None:
    left(approved(world, subject="<img src=x onerror=alert(1)> & co"))
    for path in ("/fi/arkisto/", "/fi/", "/fi/arkisto/rss.xml"):
        text = visitor.get(path).content.decode()
        assert "<img src=x" not in text
    assert Letter.objects.count() == 1
