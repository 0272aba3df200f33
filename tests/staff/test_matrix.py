"""Every address of the program is tried with every role and without sign-in.

The table says who may enter where. It is compared with the program's own list of addresses: a page that isn't in it
fails the test, and so does a line of a page that is gone. Nothing of it is read from the views, so a view that lets
somebody else in than the table says is found.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest
from django.http import HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, path
from django.urls.resolvers import RegexPattern
from pytest_django import Settings

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import Relay
from luvalla.people.actions import add_user, record_undertaking
from luvalla.people.models import Role, User
from luvalla.people.refusals import REFUSED
from luvalla.people.roles import GRANTS
from luvalla.staff.desk import DeskView
from tests.campaigns.making import draft
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db
DOORS: Final = """
staff/account/ everybody
staff/account/log/ everybody
staff/account/undertaking.pdf everybody
staff/session/ everybody
staff/language/ everybody
staff/ everybody
staff/campaigns/ write_campaign approve_campaign send_campaign see_deliveries
staff/campaigns/<int:pk>/ write_campaign approve_campaign send_campaign see_deliveries
staff/campaigns/<int:pk>/as/<slug:mode>/ write_campaign approve_campaign send_campaign see_deliveries
staff/campaigns/<int:pk>/submit/ write_campaign
staff/campaigns/<int:pk>/return/ approve_campaign
staff/campaigns/<int:pk>/take-back/ write_campaign
staff/campaigns/<int:pk>/approve/ approve_campaign
staff/campaigns/<int:pk>/schedule/ send_campaign
staff/campaigns/<int:pk>/send/ send_campaign
staff/campaigns/<int:pk>/unschedule/ send_campaign
staff/campaigns/<int:pk>/pause/ send_campaign
staff/campaigns/<int:pk>/resume/ send_campaign
staff/campaigns/<int:pk>/cancel/ send_campaign
staff/campaigns/<int:pk>/discard/ write_campaign
staff/campaigns/<int:pk>/copy/ write_campaign
staff/campaigns/<int:pk>/test/ write_campaign send_campaign
staff/claims/ see_promises
staff/claims/pack/ read_ledger
staff/contacts/ see_contacts
staff/contacts/export/ export_contacts
staff/contacts/notices/ handle_source_notices
staff/contacts/notices/<slug:source>/fetch/ handle_source_notices
staff/contacts/notices/<slug:source>/handle/ handle_source_notices
staff/contacts/<int:pk>/ see_contacts
staff/contacts/<int:pk>/uncover/ uncover_address
staff/contacts/<int:pk>/stop/ change_contact
staff/contacts/<int:pk>/restrict/ change_contact
staff/contacts/<int:pk>/prohibit/ change_contact
staff/deliveries/ see_deliveries send_campaign
staff/deliveries/<int:pk>/ see_deliveries send_campaign
staff/deliveries/<int:pk>/again/ send_campaign
staff/deliveries/<int:pk>/live/ see_deliveries send_campaign
staff/deliveries/<int:pk>/missed/ uncover_address
staff/deliveries/relays/ see_deliveries see_settings
staff/deliveries/relays/add/ change_settings
staff/deliveries/relays/<int:relay>/ change_settings
staff/imports/ bring_import decide_import release_import
staff/imports/bring/ bring_import
staff/imports/bring/columns/ bring_import
staff/imports/<int:pk>/ bring_import decide_import release_import
staff/imports/<int:pk>/apply/ decide_import
staff/imports/<int:pk>/discard/ bring_import decide_import
staff/imports/<int:pk>/release/ release_import
staff/imports/<int:pk>/rows/<slug:group>/ bring_import decide_import release_import
staff/imports/<int:pk>/lines/<slug:group>/ bring_import decide_import release_import
staff/imports/<int:pk>/lines/<slug:group>/file/ bring_import decide_import release_import
staff/ledger/ read_ledger
staff/paper/ keep_paper handle_requests
staff/paper/enter/ keep_paper handle_requests
staff/paper/print/ keep_paper handle_requests
staff/paper/print/case/<uuid:ref>/ handle_requests
staff/paper/print/copy/<uuid:ref>/ handle_requests
staff/paper/print/letter/<uuid:letter>/ handle_requests
staff/paper/print/file/<uuid:file>/ handle_requests
staff/paper/places/ keep_paper
staff/paper/stock-take/ keep_paper
staff/paper/destroy/ keep_paper handle_requests
staff/paper/destroyed/<uuid:ref>/ keep_paper handle_requests
staff/paper/destroyed/<uuid:ref>/protocol/ keep_paper handle_requests
staff/paper/changes/<uuid:ref>/ keep_paper handle_requests
staff/paper/searches/<uuid:ref>/ keep_paper handle_requests
staff/paper/<uuid:ref>/ keep_paper handle_requests
staff/paper/<uuid:ref>/label/ keep_paper handle_requests
staff/paper/<uuid:ref>/lock-away/ keep_paper handle_requests
staff/paper/<uuid:ref>/check-out/ keep_paper handle_requests
staff/paper/<uuid:ref>/take-over/ keep_paper handle_requests
staff/paper/<uuid:ref>/describe/ keep_paper handle_requests
staff/paper/<uuid:ref>/lost/ keep_paper handle_requests
staff/paper/<uuid:ref>/destroy/ keep_paper handle_requests
staff/people/ manage_users see_settings review_access
staff/people/appoint/ manage_users
staff/people/employers/ manage_users see_settings review_access
staff/people/employers/new/ manage_users
staff/people/employers/<int:pk>/ manage_users
staff/people/employers/<int:pk>/end/ manage_users
staff/people/mailboxes/ manage_users see_settings review_access
staff/people/mailboxes/new/ manage_users
staff/people/mailboxes/<int:pk>/ manage_users
staff/people/mailboxes/<int:pk>/remove/ manage_users
staff/people/review/ review_access
staff/people/review/<uuid:ref>/record/ review_access read_ledger
staff/people/undertaking/ publish_notice
staff/people/<uuid:ref>/ manage_users see_settings review_access
staff/people/<uuid:ref>/appointment/ manage_users
staff/people/<uuid:ref>/invite/ manage_users
staff/people/<uuid:ref>/paper/ manage_users
staff/people/<uuid:ref>/undertaking/ manage_users see_settings review_access
staff/people/<uuid:ref>/countersign/ manage_users
staff/people/<uuid:ref>/shut/ manage_users
staff/people/<uuid:ref>/leave/ manage_users
staff/reading/ watch_reading release_reading
staff/reading/alarms/<int:pk>/ watch_reading
staff/reading/programs/<uuid:ref>/ watch_reading
staff/reading/releases/<uuid:ref>/ release_reading
staff/records/ see_settings change_settings read_ledger
staff/records/records.jsonld see_settings change_settings read_ledger
staff/records/consents.jsonld read_ledger
staff/records/breaches/new/ handle_requests
staff/records/breaches/<uuid:ref>/ handle_requests
staff/records/authorities/compare/ change_settings give_opinion
staff/records/authorities/<slug:country>/ change_settings give_opinion
staff/records/<slug:key>/ see_settings change_settings read_ledger
staff/records/<slug:key>/table.csv see_settings change_settings read_ledger
staff/records/<slug:key>/add/ change_settings
staff/records/<slug:key>/<int:row>/ change_settings
staff/notice/ give_opinion publish_notice see_promises
staff/notice/adopt/ publish_notice give_opinion change_settings
staff/notice/draft/ give_opinion publish_notice see_promises
staff/notice/opinion/ give_opinion
staff/notice/publish/ publish_notice
staff/programs/ change_settings see_settings
staff/programs/token/ change_settings
staff/programs/webhook/ change_settings
staff/requests/ handle_requests change_contact
staff/requests/new/ handle_requests change_contact
staff/requests/held/ handle_requests change_contact
staff/requests/disclosees/ handle_requests
staff/requests/disclosees/note/ handle_requests
staff/requests/disclosees/noted/<uuid:ref>/ handle_requests
staff/requests/disclosees/<int:pk>/letter.pdf handle_requests
staff/requests/disclosees/<int:pk>/posted/ handle_requests
staff/requests/disclosees/<int:pk>/untold/ handle_requests
staff/requests/figures/ handle_requests
staff/requests/figures/<int:year>.pdf handle_requests
staff/requests/<uuid:ref>/ handle_requests change_contact
staff/requests/<uuid:ref>/said/ handle_requests change_contact
staff/requests/<uuid:ref>/found/<int:pk>/ handle_requests
staff/requests/<uuid:ref>/found/<int:pk>/<int:number>/ handle_requests
staff/requests/<uuid:ref>/files/<uuid:file>/ handle_requests
staff/requests/<uuid:ref>/portable.json handle_requests
staff/requests/<uuid:ref>/complaints/<int:pk>.zip handle_requests
staff/requests/take-in/ handle_requests
staff/requests/incoming/<uuid:ref>/ handle_requests
staff/requests/receivers/ handle_requests
staff/requests/receivers/new/ handle_requests
staff/requests/<uuid:ref>/letters/<uuid:letter>/ handle_requests change_contact
staff/requests/<uuid:ref>/tasks/<uuid:task>/ handle_requests change_contact
staff/requests/<uuid:ref>/paper/ keep_paper
staff/requests/<uuid:ref>/paper/<uuid:task>/ keep_paper
staff/requests/<uuid:ref>/<slug:step>/ handle_requests change_contact
staff/settings/ see_settings
"""
"""Our own addresses behind sign-in: the capabilities of which one is enough, or everybody with an open account."""
ELSEWHERE: Final = (
    (
        r"staff/campaigns/editor/(add|edit|preview|history|delete|copy|unpublish|workflow|lock|unlock|inspect)",
        "writers",
    ),
    (r"staff/campaigns/editor/", "everybody"),
    (r"staff/(images|tag-autocomplete|api/main/\^images)", "writers"),
    (
        r"staff/(editing-sessions|dismissibles|choose-(external|email|phone|anchor)-link|block-preview|account)",
        "everybody",
    ),
    (r"staff/((login|logout|sprite|jsi18n)/$|\^)", "anybody"),
    (r"\^staff/\(\?:pages\|", "anybody"),
    (r"staff/api/main/$", "everybody"),
    (r"accounts/(login|logout|inactive|language|undertaking)/$", "anybody"),
    (r"accounts/(oidc|\^?password/reset)/", "anybody"),
    (r"accounts/2fa/(authenticate|webauthn/login)/$", "anybody"),
    (r"accounts/(password/(change|set)/$|reauthenticate/$|2fa/)", "everybody"),
    (r"api/", "tokens"),
    (r"metrics$", "anybody"),
)
"""Wagtail's, allauth's and the API's addresses, by how they begin; the first that fits."""
PUBLIC: Final = frozenset(
    """
    root stop request_prove request_deliver picture robots favicon front sign_up confirm ask_stop request
    request_by_link archive feed letter notice notice_versions notice_version notice_difference notice_file
    notice_earlier cookies accessibility
    """.split()  # noqa: SIM905  # a list of words is read more easily as words
)
"""The public site's pages, which are for anybody, by the names of their addresses: each is there in every language."""
NOWHERE: Final = re.compile(
    r"staff/(pages|documents|workflows|reports|users|groups|sites|collections|snippets|bulk|password_reset|choose-page"
    r"|test404|failwhale|api/main/\^(pages|documents))"
)
"""Wagtail's places that are no part of Luvalla: nobody finds anything there."""
OF_ITS_AUTHOR: Final = frozenset({"staff/campaigns/<int:pk>/take-back/"})
"""Refused to everybody but the letter's own author, whatever the role."""
STRANGER: Final = "stranger"


class Address(NamedTuple):
    """One pattern of the program, and the name of its page where it has one."""

    pattern: str
    name: str


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[Address]:
    """Give every pattern of the program."""
    for each in resolver.url_patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each, pattern)
        else:
            yield Address(pattern, each.name or "")


def filled(pattern: str, there: dict[str, int] | None = None) -> str:
    """Put something into a pattern's holes: a letter and a relay that are there, otherwise what isn't."""
    begins = next((each for each in (there or {}) if pattern.startswith(each)), "")
    if begins:
        pattern = re.sub(r"<int:(pk|relay)>", str((there or {})[begins]), pattern)
    path = re.sub(r"\(\?P<revision_id_\w>[^)]*\)", "live", pattern)
    path = re.sub(r"\(\?P<pk>[^)]*\)", "999999", path)
    path = re.sub(r"<(int:\w+|str:pk)>", "999999", path)
    path = re.sub(r"<uuid\w*:\w+>", "00000000-0000-4000-8000-000000000000", path)
    path = re.sub(r"<\w+:\w+>|\(\?P<\w+>[^)]*\)|<\w+>", "x", path)
    return "/" + path.replace("^", "").replace("$", "").replace("\\", "").replace(".*", "x").replace("?", "")


def named() -> dict[str, str]:
    """Read the table."""
    lines = (line.partition(" ") for line in DOORS.strip().splitlines())
    return {pattern: who for pattern, _, who in lines}


def who_may(pattern: str, name: str = "") -> str:
    """Say who may enter; nothing for an address that nobody has named."""
    if NOWHERE.match(pattern):
        return "nobody"
    if not pattern.startswith(("staff/", "accounts/", "api/")) and name in PUBLIC:
        return "anybody"
    return named().get(pattern) or next((who for begins, who in ELSEWHERE if re.match(begins, pattern)), "")


def expected(who: str, role: str) -> bool:
    """Tell whether a role, or a stranger, is to be let in."""
    if who in {"anybody", "nobody", "tokens"}:
        return who == "anybody"
    if role == STRANGER:
        return False
    if who == "everybody":
        return True
    wanted = {"write_campaign"} if who == "writers" else set(who.split())
    return bool(wanted & {each.value for each in GRANTS[Role(role)]})


def was_let_in(answer: Any, pattern: str) -> bool:
    """Tell whether an answer is a page's own: neither a refusal, nor the way to sign-in, nor Wagtail's way home."""
    assert answer.status_code < 500, (pattern, answer.status_code)
    if answer.status_code in {401, 403}:
        return False
    if answer.status_code in {301, 302}:
        return not answer.url.startswith(("/accounts/login/", "/accounts/inactive/")) and answer.url != "/staff/"
    return True


def person_with(role: Role, letter: str) -> User:
    """Make a person with one role and an open account."""
    name = f"Malli {letter}"
    user = add_user(
        username=f"malli{letter}",
        email=f"malli.{letter}@esimerkki.fi",
        full_name=name,
        roles=[role.value],
        actor=OPERATOR,
    )
    record_undertaking(user=user, typed_name=name, language="fi", actor=OPERATOR)
    return user


@pytest.fixture
def world(db: None) -> World:
    """Give the example organisation."""
    return make_world()


@pytest.fixture
def browsers(world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, Client]:
    """Give a browser for each role, and a stranger's; pages are decided on, not drawn."""
    settings.LUVALLA_SECOND_FACTOR = False
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", property(lambda _: ""))
    monkeypatch.setattr(DeskView, "_plain_menu", lambda _: [])
    made = {STRANGER: Client(raise_request_exception=False)}
    for number, role in enumerate(Role):
        client = Client(raise_request_exception=False)
        client.force_login(person_with(role, "abcdefghijkl"[number]))
        made[role.value] = client
    return made


def unnamed(resolver: URLResolver) -> list[str]:
    """Give the addresses that the table says nothing about."""
    return sorted({each.pattern for each in addresses(resolver) if not who_may(*each)})


def test_every_address_is_named_and_every_named_address_is_there() -> None:
    there = set(addresses(get_resolver()))
    patterns = {each.pattern for each in there}
    assert unnamed(get_resolver()) == []
    assert sorted(set(named()) - patterns) == []
    assert {each.name for each in there} >= PUBLIC
    ours = {each for each in patterns if each.startswith("staff/") and not NOWHERE.match(each)}
    assert len(ours & set(named())) > 90


@pytest.mark.parametrize(
    "new",
    ["staff/new/", "staff/paper/print/all/", "staff/login/as/", "accounts/new/", "new/", "fi/uusi/", "metrics/all"],
)
def test_a_new_page_cannot_escape_the_table(new: str) -> None:
    page = path(new, DeskView.as_view(), name="new")
    assert unnamed(URLResolver(RegexPattern(r"^/"), [*get_resolver().url_patterns, page])) == [new]


def test_a_new_call_of_the_api_that_asks_for_no_token_is_found() -> None:
    assert who_may("api/v1/new") == "tokens"
    assert not is_right(HttpResponse(), "api/v1/new", "tokens", STRANGER)
    assert is_right(HttpResponse(status=401), "api/v1/new", "tokens", STRANGER)


@pytest.fixture
def there(world: World) -> dict[str, int]:
    """Give a letter and a relay, so that a page is refused for its role and not for what it is about."""
    letter = draft(world)
    relay = Relay.objects.create(name="Oma", url="smtp://127.0.0.1:25", country="FI")
    return {"staff/deliveries/relays/": relay.pk, "staff/deliveries/": letter.pk, "staff/campaigns/": letter.pk}


def is_right(answer: Any, pattern: str, who: str, role: str) -> bool:
    """Tell whether an answer to a reading request is what the table says."""
    if who == "nobody":
        return answer.status_code in {302, 404}
    if who == "anybody":
        return bool(answer.status_code < 500)
    if who == "tokens":
        return answer.status_code in {401, 403, 404, 405}
    if pattern in set(named()) - OF_ITS_AUTHOR:
        return was_let_in(answer, pattern) is expected(who, role)
    return expected(who, role) or answer.status_code in {302, 401, 403, 404, 405}


def test_every_address_lets_in_whom_it_should(browsers: dict[str, Client], there: dict[str, int]) -> None:
    wrong: list[tuple[str, str, int]] = []
    for pattern, name in sorted(set(addresses(get_resolver()))):
        who = who_may(pattern, name)
        if "logout" in pattern:
            continue
        for role, browser in browsers.items():
            answer = browser.get(filled(pattern, there))
            if not is_right(answer, pattern, who, role):
                wrong.append((pattern, role, answer.status_code))
    assert wrong == [], "\n".join(map(str, wrong))


def test_whoever_may_not_enter_may_not_change_anything_either(
    browsers: dict[str, Client], there: dict[str, int]
) -> None:
    wrong: list[tuple[str, str, int]] = []
    written = LedgerRow.objects.exclude(verb=REFUSED)
    before = written.count()
    for pattern, who in named().items():
        for role, browser in browsers.items():
            if expected(who, role):
                continue
            answer = browser.post(filled(pattern, there))
            if answer.status_code != 405 and was_let_in(answer, pattern):  # there is nothing to write to
                wrong.append((pattern, role, answer.status_code))
    assert wrong == [], "\n".join(map(str, wrong))
    assert written.count() == before
    assert LedgerRow.objects.filter(verb=REFUSED).count() >= len(Role)


def test_the_table_finds_a_door_that_stands_open(browsers: dict[str, Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeskView, "for_everybody", True)
    answer = browsers[Role.CUSTODIAN.value].get("/staff/ledger/")
    assert was_let_in(answer, "staff/ledger/")
    assert not expected(who_may("staff/ledger/"), Role.CUSTODIAN.value)
