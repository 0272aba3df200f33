"""Every address with something's reference in it is tried with what the account may not see, or what isn't its own.

Who may enter a page at all is in test_matrix; here the page may be entered, and the thing may not.
"""

from __future__ import annotations

import logging
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from luvalla.campaigns.actions import add_picture
from luvalla.ledger.actions import Subject
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.models import LedgerRow
from luvalla.paper.actions import enter_item
from luvalla.paper.destruction import Outsider, begin_destruction, destroy_before_outsider
from luvalla.paper.models import Destruction, PaperItem
from luvalla.people.models import AccessReview, ReadingAlarm, Release, Role, Session, User
from luvalla.people.releases import ask_for_release, decide_release, release_to_use
from luvalla.people.roles import GRANTS
from luvalla.register import stop
from luvalla.register.models import Contact, Source, SourceNotice
from luvalla.rights.files import check_file, keep_file
from luvalla.rights.models import Attachment, DataRequest, Letter, StoreSearch, Task
from luvalla.rules.case_states import Right
from tests.campaigns.making import photograph
from tests.staff.conftest import add_totp
from tests.staff.test_matrix import (
    STRANGER,
    addresses,
    browsers,
    expected,
    filled,
    named,
    there,
    was_let_in,
    who_may,
    world,
)
from tests.support.requests import MAIJA, Desk, add_customer, ask, make_desk, work
from tests.support.world import World

__all__ = ["browsers", "there", "world"]
pytestmark = pytest.mark.django_db
GONE = 404
NEXTS = (
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:evil.example", "javascript:alert(1)", "https:///evil.example", " //evil.example",
)  # fmt: skip


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


@pytest.fixture
def maija(world: World) -> Contact:
    return add_customer(world, MAIJA)


def browser_of(actor: Actor) -> Client:
    """Give the browser of somebody of the desk, signed in with a second factor."""
    user = User.objects.get(ref=actor.ref)
    add_totp(user)
    client = Client()
    client.force_login(user)
    return client


def user_of(actor: Actor) -> User:
    return User.objects.get(ref=actor.ref)


@pytest.mark.parametrize("page", ["contact", "uncover", "stop", "restrict", "prohibit"])
def test_a_restricted_contact_is_there_for_whoever_handles_requests_only(page: str, desk: Desk, maija: Contact) -> None:
    stop.restrict(contact_id=maija.pk, reason="claim", channel="phone", actor=SYSTEM)
    path = reverse(f"staff_contacts:{page}", args=[maija.pk])
    given = {"purpose": "request", "channel": "phone", "reason": "claim", "kinds": ["1"]}
    before = LedgerRow.objects.latest("pk").pk
    clerk = browser_of(desk.clerk)
    may_enter = page != "uncover"
    assert clerk.get(path).status_code == (GONE if may_enter else 403)
    assert clerk.post(path, given).status_code in {GONE, 403, 405}
    verbs = list(LedgerRow.objects.filter(pk__gt=before).values_list("verb", flat=True))
    assert not [each for each in verbs if each.startswith("register.")], verbs
    assert browser_of(desk.handler).get(path).status_code == 200


def test_a_contact_that_is_erased_or_only_staged_is_nowhere(desk: Desk, maija: Contact) -> None:
    staged = add_only_staged(maija)
    stop.withdraw(contact_id=maija.pk, channel="phone", actor=SYSTEM)
    owner = browser_of(desk.owner)
    for pk in (maija.pk, staged.pk, 0, 10**12):
        for page in ("contact", "uncover", "stop", "restrict", "prohibit"):
            path = reverse(f"staff_contacts:{page}", args=[pk])
            assert owner.get(path).status_code in {GONE, 403}, (page, pk)
            answer = owner.post(path, {"purpose": "request", "channel": "phone"})
            assert answer.status_code in {GONE, 403} or (page, answer.status_code) == ("contact", 405), (page, pk)
    assert not LedgerRow.objects.filter(verb="register.uncover_address").exists()


def add_only_staged(like: Contact) -> Contact:
    """Make a contact that no permission shows yet, as an import does before its flip."""
    return Contact.objects.create(token=b"t" * 32, folded=b"f" * 32, domain=b"d" * 32, sealed=bytes(like.sealed))


def test_notices_of_another_source_are_not_marked_through_ones_own(desk: Desk, maija: Contact, world: World) -> None:
    stop.withdraw(contact_id=maija.pk, channel="phone", actor=SYSTEM)
    notice = SourceNotice.objects.get()
    SourceNotice.objects.update(fetched_at=timezone.now())
    names = {f"name_{each}": "Other" for each in ("fi", "sv", "en")}
    other = Source.objects.create(key="other", evidence="x", default_audience=world.customers, **names)
    clerk = browser_of(desk.clerk)
    clerk.post(reverse("staff_contacts:handle_notices", args=[other.key]), {"ref": [str(notice.ref)]})
    assert SourceNotice.objects.get().handled_at is None
    assert clerk.get(reverse("staff_contacts:fetch_notices", args=[other.key])).status_code == GONE
    assert clerk.get(reverse("staff_contacts:fetch_notices", args=["nothing"])).status_code == GONE


@pytest.fixture
def two_cases(desk: Desk, maija: Contact) -> tuple[DataRequest, DataRequest]:
    """Give a case with a file, a letter, a task and findings, and another one with nothing of it."""
    mine = ask(Right.ACCESS)
    keep_file(mine, check_file("scan.pdf", b"%PDF-1.7\nscan"), actor=desk.handler)
    Letter.objects.create(request=mine, kind="answer", language="fi", written_by=str(desk.handler))
    Task.objects.create(request=mine, kind=Task.Kind.POST, role="handler")
    StoreSearch.objects.create(request=mine, store="register", found=1, sealed=b"x")
    work()
    return mine, ask(Right.ACCESS, address="matti@kotiposti.example")


def test_what_belongs_to_one_case_is_not_reached_through_another(
    two_cases: tuple[DataRequest, DataRequest], desk: Desk
) -> None:
    mine, other = two_cases
    handler = browser_of(desk.handler)
    file, letter = Attachment.objects.get(), Letter.objects.filter(request=mine).last()
    task, search = Task.objects.filter(request=mine, kind=Task.Kind.POST).last(), mine.searches.first()
    assert search is not None
    assert letter is not None
    assert task is not None
    for path in (
        reverse("staff_requests:file", args=[other.ref, file.ref]),
        reverse("staff_requests:letter", args=[other.ref, letter.ref]),
        reverse("staff_requests:task", args=[other.ref, task.ref]),
        reverse("staff_requests:found", args=[other.ref, search.pk]),
        reverse("staff_requests:withhold", args=[other.ref, search.pk, 0]),
        reverse("staff_requests:authority_pack", args=[other.ref, 1]),
        reverse("staff_requests:case", args=[uuid4()]),
        reverse("staff_requests:said", args=[uuid4()]),
        reverse("staff_requests:step", args=[mine.ref, "no-such-step"]),
        reverse("staff_requests:incoming", args=[uuid4()]),
    ):
        assert handler.get(path).status_code == GONE, path
        assert handler.post(path, {"note": "x", "result": "done"}).status_code in {GONE, 405}, path
    assert handler.get(reverse("staff_requests:file", args=[mine.ref, file.ref])).status_code == 200
    task.refresh_from_db()
    assert task.done_at is None


def test_our_own_test_message_is_no_case(desk: Desk, maija: Contact) -> None:
    canary = ask(Right.ACCESS)
    DataRequest.objects.filter(pk=canary.pk).update(is_canary=True)
    handler = browser_of(desk.handler)
    for name in ("staff_requests:case", "staff_requests:said", "staff_requests:portable", "staff_paper:print_case",
                 "staff_paper:print_case_copy"):  # fmt: skip
        assert handler.get(reverse(name, args=[canary.ref])).status_code == GONE, name


def test_a_clerk_takes_no_step_of_somebody_elses_role(desk: Desk, maija: Contact) -> None:
    request, clerk = ask(Right.ACCESS), browser_of(desk.clerk)
    for step in ("grant", "refuse", "answer", "decide", "opinion", "close", "extend", "letter"):
        path = reverse("staff_requests:step", args=[request.ref, step])
        assert clerk.post(path, {}).status_code == GONE, step
    request.refresh_from_db()
    assert request.state == DataRequest.objects.get(pk=request.pk).state


def test_a_destruction_is_seen_by_its_two_people_only_and_confirmed_by_its_witness(desk: Desk) -> None:
    liisa, handler, owner = desk.custodian, desk.handler, desk.officer
    item = enter_item(kind=PaperItem.Kind.OTHER, origin="received", description="A letter", actor=liisa)
    waiting = begin_destruction(items=[item], method="shredded", witness=user_of(handler), actor=liisa)
    path = reverse("staff_paper:witness", args=[waiting.ref])
    third = browser_of(owner)
    assert third.get(path).status_code == GONE
    assert third.post(path, {"seen": "yes"}).status_code == GONE
    doer = browser_of(liisa)
    assert doer.get(path).status_code == 200
    assert doer.post(path, {"seen": "yes"}).status_code == 409, "whoever did it confirms nothing"
    assert Destruction.objects.get().confirmed_at is None
    assert browser_of(handler).post(path, {"seen": "yes"}).status_code == 302
    assert Destruction.objects.get().confirmed_at is not None
    assert doer.get(reverse("staff_paper:protocol", args=[waiting.ref])).status_code == GONE, "there is none"


def test_a_protocol_is_opened_with_a_row_and_asked_for_by_nobody_else(desk: Desk) -> None:
    item = enter_item(kind=PaperItem.Kind.OTHER, origin="received", description="A letter", actor=desk.custodian)
    made = destroy_before_outsider(
        items=[item], method="burned", outsider=Outsider("Tero Tuhoaja", b"%PDF-1.7"), actor=desk.custodian
    )
    path = reverse("staff_paper:protocol", args=[made.ref])
    assert browser_of(desk.clerk).get(path).status_code == 403
    answer = browser_of(desk.custodian).get(path)
    assert (answer.status_code, answer.content) == (200, b"%PDF-1.7")
    assert answer["Content-Disposition"].startswith("attachment")
    assert LedgerRow.objects.filter(verb="paper.open_protocol").count() == 1


def test_a_session_of_somebody_else_is_not_ended_by_its_name(desk: Desk) -> None:
    victim, client = browser_of(desk.owner), browser_of(desk.clerk)
    page = victim.get("/staff/account/").content.decode()
    others = Client()
    others.force_login(user_of(desk.owner))
    page = victim.get("/staff/account/").content.decode()
    name = page.partition('name="end_session" value="')[2].partition('"')[0]
    assert name
    before = Session.objects.count()
    client.post("/staff/account/", {"end_session": name})
    assert Session.objects.count() == before
    victim.post("/staff/account/", {"end_session": name})
    assert Session.objects.count() == before - 1


def test_a_release_is_decided_by_another_person_and_used_by_nobody_but_its_asker(desk: Desk) -> None:
    owner, officer = user_of(desk.owner), user_of(desk.officer)
    about = {"verb": "register.export_contacts", "subject": Subject("audience", "customers")}
    release = ask_for_release(**about, count=500, purpose="supervision", reason="a sample", by=owner)
    path = reverse("staff_reading:decide", args=[release.ref])
    assert browser_of(desk.clerk).post(path, {"release": "yes"}).status_code == 403
    browser_of(desk.owner).post(path, {"release": "yes"})
    assert not Release.objects.get().is_released
    decide_release(release=release, is_released=True, by=officer)
    assert release_to_use(**about, purpose="supervision", by=owner) == release
    assert release_to_use(**about, purpose="supervision", by=officer) is None
    assert browser_of(desk.officer).post(reverse("staff_reading:decide", args=[uuid4()])).status_code == GONE


def test_nobody_explains_their_own_alarm_through_its_address(desk: Desk) -> None:
    officer = user_of(desk.officer)
    alarm = ReadingAlarm.objects.create(user=officer, day=timezone.localdate(), seen=90, usual=4, limit=30)
    browser_of(desk.officer).post(reverse("staff_reading:explain", args=[alarm.pk]), {"explanation": "Nothing"})
    alarm.refresh_from_db()
    assert alarm.explained_at is None


def test_ones_own_log_and_undertaking_take_no_other_persons_reference(desk: Desk) -> None:
    owner = user_of(desk.owner)
    LedgerRow.objects.create(verb="register.stop", actor=str(desk.owner))
    clerk = browser_of(desk.clerk)
    for query in (f"?actor=person:{owner.ref}", f"?user={owner.pk}", f"?reading=1&actor=person:{owner.ref}"):
        assert "A stop arrived" not in clerk.get("/staff/account/log/" + query).content.decode()
    for name in ("person", "undertaking", "appointment", "invite", "paper", "countersign", "shut", "leave"):
        assert clerk.get(reverse(f"staff_people:{name}", args=[owner.ref])).status_code in {403, 405}, name


def test_an_unsigned_review_has_no_record_to_fetch(desk: Desk) -> None:
    review = AccessReview.objects.create(reviewer=user_of(desk.owner))
    assert browser_of(desk.owner).get(reverse("staff_people:review_record", args=[review.ref])).status_code == GONE


@pytest.mark.parametrize("wanted", NEXTS)
def test_no_way_back_leads_to_another_site(wanted: str, desk: Desk) -> None:
    client = browser_of(desk.owner)
    answers = [
        client.post(reverse("staff_language"), {"language": "fi", "next": wanted}),
        client.post(reverse("account_language"), {"language": "fi", "next": wanted}),
        client.get(reverse("account_login"), {"next": wanted}),
        client.post(reverse("account_logout"), {"next": wanted}),
        Client().get("/staff/login/", {"next": wanted}),
        Client().get(reverse("account_login"), {"next": wanted}),
    ]
    for answer in answers:
        place = answer.headers.get("Location", "")
        host = place.partition("?")[0]
        assert "evil" not in host, place
        assert not host.startswith(("//", "/\\", "javascript", "http")), place
        if answer.status_code == 200:
            assert f'href="{wanted}"' not in answer.content.decode()


def test_a_sign_in_that_was_sent_with_another_site_ends_on_the_front_page(desk: Desk) -> None:
    user = user_of(desk.custodian)
    user.set_password("räntää-ja-loskaa-9")
    user.save()
    given = {"login": user.username, "password": "räntää-ja-loskaa-9", "next": "https://evil.example/"}
    answer = Client().post(reverse("account_login") + "?next=https://evil.example/", given)
    assert "evil" not in answer.headers.get("Location", "").partition("?")[0]


CHOOSERS = (
    "/staff/images/", "/staff/images/add/", "/staff/images/{pk}/", "/staff/images/{pk}/delete/",
    "/staff/images/chooser/",
    "/staff/images/chooser/{pk}/", "/staff/images/usage/{pk}/", "/staff/images/{pk}/generate_url/",
    "/staff/images/{pk}/preview/original/", "/staff/api/main/images/", "/staff/api/main/images/{pk}/",
    "/staff/documents/", "/staff/documents/chooser/", "/staff/choose-page/", "/staff/pages/", "/staff/users/",
    "/staff/groups/", "/staff/api/main/pages/", "/staff/api/main/documents/", "/staff/reports/site-history/",
    "/staff/snippets/", "/staff/collections/", "/staff/sites/", "/staff/tag-autocomplete/",
)  # fmt: skip
FOR_WRITERS = ("/staff/images", "/staff/api/main/images", "/staff/tag-autocomplete")


def test_choosers_of_the_editor_are_for_writers_and_the_others_for_nobody(
    browsers: dict[str, Client], world: World
) -> None:
    picture = add_picture(content=photograph(), title="Talo", by=world.author, actor=SYSTEM)
    wrong = []
    for pattern in CHOOSERS:
        path = pattern.format(pk=picture.pk)
        for role, client in browsers.items():
            writes = role != STRANGER and "write_campaign" in {each.value for each in GRANTS[Role(role)]}
            answer = client.get(path)
            to_sign_in = answer.headers.get("Location", "").startswith("/staff/login/")
            entered = was_let_in(answer, path) and answer.status_code != GONE and not to_sign_in
            if entered and not (writes and path.startswith(FOR_WRITERS)):
                wrong.append((path, role))
    assert wrong == []


@pytest.mark.parametrize("method", ["head", "options", "put", "patch", "delete", "trace"])
def test_no_other_method_opens_what_is_shut(browsers: dict[str, Client], there: dict[str, int], method: str) -> None:
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    wrong = []
    for pattern, name in sorted(set(addresses(get_resolver()))):
        who = who_may(pattern, name)
        if "logout" in pattern or who in {"anybody", "tokens"} or (pattern not in named() and who != "writers"):
            continue
        for role, client in browsers.items():
            if expected(who, role):
                continue
            answer = getattr(client, method)(filled(pattern, there))
            if was_let_in(answer, pattern) and answer.status_code not in {GONE, 405}:
                wrong.append((pattern, role, answer.status_code))
    assert wrong == [], "\n".join(map(str, wrong))


def test_an_api_call_without_a_token_is_refused_whatever_its_method(browsers: dict[str, Client]) -> None:
    wrong = []
    for pattern, name in sorted(set(addresses(get_resolver()))):
        if who_may(pattern, name) != "tokens":
            continue
        for method in ("head", "options", "put", "delete"):
            for client in browsers.values():
                answer = getattr(client, method)(filled(pattern))
                if answer.status_code not in {401, 403, 404, 405}:
                    wrong.append((pattern, method, answer.status_code))
    assert wrong == []


def test_a_look_by_head_is_a_look(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    browser_of(desk.handler).head(reverse("staff_requests:said", args=[request.ref]))
    assert LedgerRow.objects.filter(verb="rights.show_request", subject_ref=str(request.ref)).count() == 1
