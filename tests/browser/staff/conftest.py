"""A signed-in browser: `staff_page` for one person and window; `sign_in_as` for other desks' tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from luvalla.ledger.actors import SYSTEM
from luvalla.people.actions import set_roles
from luvalla.people.models import Role, User
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.staff.conftest import add_totp
from tests.support.world import World, make_world

WINDOWS = [(1280, "light"), (390, "dark")]
IN_LANGUAGES = [(1280, "light", "en"), (390, "dark", "fi")]
"""Each width, theme and language at least once, Finnish with its long words on the phone; pictures are taken of all."""
if os.environ.get("LUVALLA_TEST_SHOTS") == "1":
    WINDOWS += [(1280, "dark"), (390, "light")]
    IN_LANGUAGES = [(width, scheme, language) for width, scheme in WINDOWS for language in ("fi", "en")]
EVERYTHING = [role.value for role in Role]
SignIn = Callable[..., Page]


@pytest.fixture
def world(transactional_db: None) -> World:
    """Give the example organisation, seen by the server's threads too."""
    return make_world()


@pytest.fixture
def customer(world: World) -> Callable[[str], Contact]:
    """Give a function that puts a customer into the register."""

    def add(address: str) -> Contact:
        permission = add_permission(
            address=normalise(address),
            kind=PermissionKind.CUSTOMER,
            source=world.crm,
            audience=world.customers,
            actor=SYSTEM,
        )
        return permission.contact

    return add


@pytest.fixture
def sign_in_as(browser: Browser, live_server: LiveServer) -> Iterator[SignIn]:
    """Give a function that opens a page of a signed-in person: their account, window width, theme and language."""
    contexts, refused = [], list[str]()

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            refused.append(message.text)

    def open_page(
        user: User, *, width: int = 1280, scheme: str = "light", language: str = "fi", scripts: bool = True
    ) -> Page:
        User.objects.filter(pk=user.pk).update(language=language)
        client = Client()
        client.force_login(user)
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.set_default_timeout(15_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert refused == [], "nothing of ours and of Wagtail's that is used may be what our own policy refuses"


@pytest.fixture
def owner(world: World) -> User:
    """Give the approver of the example organisation every role, and one-time codes."""
    set_roles(user=world.approver, roles=EVERYTHING, actor=SYSTEM)
    add_totp(world.approver)
    return world.approver


@pytest.fixture(params=WINDOWS, ids=[f"{width}-{scheme}" for width, scheme in WINDOWS])
def staff_page(request: pytest.FixtureRequest, sign_in_as: SignIn, owner: User) -> Page:
    """Give a signed-in page in each window and theme."""
    width, scheme = request.param
    return sign_in_as(owner, width=width, scheme=scheme)


@pytest.fixture(params=IN_LANGUAGES, ids=["-".join(map(str, each)) for each in IN_LANGUAGES])
def staff_page_and_language(request: pytest.FixtureRequest, sign_in_as: SignIn, owner: User) -> tuple[Page, str]:
    """Give a signed-in page in each window, theme and language, and the language."""
    width, scheme, language = request.param
    return sign_in_as(owner, width=width, scheme=scheme, language=language), language
