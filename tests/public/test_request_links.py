"""Links of the desk: they work once, and a dead one has a fresh one sent, to the registered mailbox and nobody else."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from zipfile import ZipFile

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.public import limits
from luvalla.rights.links import make_link, token_of
from luvalla.rights.models import DataRequest, SecureLink
from tests.public.test_pages import check_headers
from tests.public.test_requests import posted
from tests.support.requests import MAIJA, mails
from tests.support.world import World

GONE = b"ei en\xc3\xa4\xc3\xa4 toimi"  # in the language of the organisation: whose the link was isn't known
AGAIN = {"again": "1"}
LATER = timedelta(days=8)


def a_link(kind: SecureLink.Kind, content: bytes = b"") -> tuple[DataRequest, str]:
    """Give the first request with a link to it."""
    request = DataRequest.objects.get()
    return request, token_of(make_link(request, kind, content=content, actor=SYSTEM))


def dead_link(visitor: Client) -> tuple[DataRequest, str]:
    """Give a request from the form whose confirmation's link has been used on another one's behalf: it has expired."""
    posted(visitor, email=MAIJA, rights=["access"])
    request, token = a_link(SecureLink.Kind.PROVE)
    SecureLink.objects.update(expires_at=timezone.now())
    return request, token


def fresh_links() -> list[str]:
    """Give the links in the messages that answer the press of a dead link's button."""
    run_due()
    return re.findall(r"/r/[pd]/[\w-]+", "\n".join(mails("rights_link")))


def test_the_link_of_the_confirmation_proves_the_mailbox_by_a_press_and_once(world: World, visitor: Client) -> None:
    posted(visitor, rights=["access"])
    request, token = a_link(SecureLink.Kind.PROVE)
    for _ in range(2):
        assert b"Yes, I asked" in visitor.get(f"/r/p/{token}").content
    request.refresh_from_db()
    assert request.identity == 0
    assert request.number.encode() in visitor.post(f"/r/p/{token}").content
    request.refresh_from_db()
    assert request.identity == 1
    assert GONE in visitor.post(f"/r/p/{token}").content


def test_a_delivery_is_fetched_once(world: World, visitor: Client) -> None:
    posted(visitor, rights=["access"])
    made = io.BytesIO()
    with ZipFile(made, "w") as opened:
        opened.writestr("copy.json", "{}")
    _, token = a_link(SecureLink.Kind.DELIVER, made.getvalue())
    page = visitor.get(f"/r/d/{token}")
    check_headers(page)
    assert page.headers["Cache-Control"] == "no-store"
    answer = visitor.post(f"/r/d/{token}")
    assert answer.content == made.getvalue()
    assert GONE in visitor.post(f"/r/d/{token}").content


def test_an_expired_link_delivers_nothing(world: World, visitor: Client) -> None:
    posted(visitor, rights=["access"])
    _, token = a_link(SecureLink.Kind.DELIVER, b"secret")
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        answer = visitor.post(f"/r/d/{token}")
    assert GONE in answer.content
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    "token", ["2026-00001", "x", "0d9c1f4e-6a51-4c57-9d7e-1f0c5d2b7a10", "A" * 39, "ä", "0" * 4000]
)
def test_forged_links_and_guessed_numbers_open_nothing(world: World, visitor: Client, token: str) -> None:
    posted(visitor, rights=["access"])
    for way in ("p", "d"):
        answer = visitor.post(f"/r/{way}/{token}")
        assert answer.status_code == 200
        assert GONE in answer.content


def test_a_link_of_one_kind_does_not_do_the_work_of_the_other(world: World, visitor: Client) -> None:
    posted(visitor, rights=["access"])
    request, token = a_link(SecureLink.Kind.PROVE)
    assert GONE in visitor.post(f"/r/d/{token}").content
    request.refresh_from_db()
    assert request.identity == 0


def test_a_dead_link_s_button_sends_a_fresh_one_to_the_mailbox_of_its_request(world: World, visitor: Client) -> None:
    request, token = dead_link(visitor)
    page = visitor.get(f"/r/p/{token}")
    check_headers(page)
    assert b'name="email"' not in page.content
    asked = visitor.post(f"/r/p/{token}", AGAIN)
    check_headers(asked)
    assert asked.headers["Cache-Control"] == "no-store"
    [path] = fresh_links()
    assert path != f"/r/p/{token}"
    visitor.post(path)
    request.refresh_from_db()
    assert request.identity == 1
    made = LedgerRow.objects.filter(verb="rights.make_link", subject_ref=str(request.ref)).order_by("pk").last()
    assert made is not None
    assert made.actor == "subject"


def test_whoever_presses_gets_one_answer_whether_the_request_is_there_or_not(world: World, visitor: Client) -> None:
    request, token = dead_link(visitor)
    there = visitor.post(f"/r/p/{token}", AGAIN).content
    request.delete()
    assert visitor.post(f"/r/p/{token}", AGAIN).content == there
    broken = token[:-1]
    assert b'name="email"' in visitor.get(f"/r/p/{broken}").content
    known = visitor.post(f"/r/p/{broken}", {**AGAIN, "email": MAIJA}).content
    assert visitor.post(f"/r/p/{broken}", {**AGAIN, "email": "kukaan@example.com"}).content == known == there


def test_a_broken_link_asks_for_the_address_and_sends_each_waiting_request_its_link(
    world: World, visitor: Client
) -> None:
    _, token = dead_link(visitor)
    assert visitor.post(f"/r/p/{token}x", AGAIN).status_code == 400
    visitor.post(f"/r/p/{token}x", {**AGAIN, "email": MAIJA})
    assert len(fresh_links()) == 1


def test_a_mailbox_that_waits_for_no_link_is_told_so_and_nobody_else_is(world: World, visitor: Client) -> None:
    visitor.post("/r/d/x", {**AGAIN, "email": "kukaan@example.com"})
    assert fresh_links() == []
    assert len(mails("rights_link")) == 1
    assert "/fi/omat-tiedot/" in mails("rights_link")[0]
    visitor.post("/r/d/x", {**AGAIN, "email": "ohjelma@example.com", "website": "x"})
    assert len(mails("rights_link")) == 1


def test_new_links_are_limited_by_network_and_by_mailbox(
    world: World, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = dead_link(visitor)
    for _ in range(5):
        assert visitor.post(f"/r/p/{token}", AGAIN).status_code == 200
        run_due()
        SecureLink.objects.update(expires_at=timezone.now())
    assert len(mails("rights_link")) == 3
    monkeypatch.setattr(limits.ASKING, "_most", 1)
    assert visitor.post(f"/r/p/{token}", AGAIN).status_code == 429
    assert posted(visitor, email="uhri@example.com", rights=["objection"]) == 200


def test_the_new_link_of_a_stranger_s_press_opens_nothing_to_the_stranger(world: World, visitor: Client) -> None:
    request, token = dead_link(visitor)
    answer = visitor.post(f"/r/p/{token}", AGAIN)
    [path] = fresh_links()
    assert path.encode() not in answer.content
    for secret in (request.number, MAIJA):
        assert secret.encode() not in answer.content
