"""The desk of imports in a real browser: the whole way with a file, axe, and no page wider than its window."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from luvalla.jobs.testing import run_due
from luvalla.people.models import Role
from luvalla.register.models import Batch, Source
from tests.staff.conftest import Browse
from tests.staff.imports.conftest import bring, people, table
from tests.support.browser import runs_over, shoot, violations

pytestmark = [pytest.mark.needs_chromium, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 390)
SETTLED = 400
"""Milliseconds in which the sidebar has moved out of a narrow window."""


def rich_export() -> bytes:
    """Write an export with something for each group."""
    rows = [f"{each};1.5.2019;yksityinen;Maija;Meikäläinen;040 000 0000;Mallikatu 5" for each in people(60, start=1)]
    rows += ["ASIAKAS7@esimerkki.fi;1.5.2019;yksityinen;Maija;M;;", "asiakas61@esimerkki.fi;1.6.2024;yritys;Matti;M;;"]
    rows += [f"uusi{number}@toinen.example;2.6.2026;yritys;Uusi;U;;" for number in range(4)]
    rows += [
        "lopettanut@esimerkki.fi;1.5.2019;yksityinen;L;L;;",
        "ei osoite;;;;;;",
        "vielä ei;;;;;;",
        ";;;;Tyhjä;;",
        "a@b@c.fi;;;;;;",
    ]
    header = (
        "sähköposti;sopimus alkoi;asiakaslaji;etunimi;sukunimi;puhelin;katuosoite;markkinointikielto;markkinointilupa"
    )
    flagged = [f"{row};{'Kyllä' if number % 4 == 0 else 'Ei'};Ei" for number, row in enumerate(rows)]
    return "\r\n".join([header, *flagged, ""]).encode("cp1252")


def sign_in(context: BrowserContext, client: Client, site: str) -> None:
    """Carry a session over to the browser."""
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])


def check(page: Page, name: str, language: str) -> None:
    """Hold the page to WCAG 2.2 AA at both widths; pictures where they are asked for."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(SETTLED)
        shoot(page, f"imports-{name}-{language}-{width}")
        assert [each for each in violations(page) if not each.startswith("region")] == [], (name, width)
        assert runs_over(page) <= 0, (name, width)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


@pytest.mark.usefixtures("crm", "stopped")
@pytest.mark.parametrize("language", ["en", "fi"])
def test_the_whole_way_of_a_file(
    browse: Browse, browser: Browser, live_server: LiveServer, tmp_path: Path, language: str
) -> None:
    client = browse(Role.REGISTER_OWNER.value, language=language)
    first = bring(client, table(*people(66)))
    client.post(f"/staff/imports/{first.pk}/apply/")
    run_due()
    file = tmp_path / "asiakkaat_2026-11-23.csv"
    file.write_bytes(rich_export())
    context = browser.new_context(locale=language)
    sign_in(context, client, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/imports/bring/")
    check(page, "upload", language)
    page.set_input_files("input[type=file]", file)
    page.check("input[value=customer]")
    page.click(".lv-upload .lv-btn--main")
    check(page, "columns", language)
    page.click("button[name=compare]")
    page.goto(f"{page.url}?still")
    check(page, "reading", language)
    run_due()
    page.goto(page.url.removesuffix("?still"))
    check(page, "difference", language)
    page.click("a[href$='/rows/gone/']")
    check(page, "rows", language)
    page.go_back()
    page.click("form[action$='/apply/'] button")
    run_due()
    page.reload()
    check(page, "applied", language)
    page.goto(f"{live_server.url}/staff/imports/")
    check(page, "list", language)
    context.close()
    batch = Batch.objects.order_by("-pk")[0]
    assert batch.state == Batch.State.SETTLED
    groups = {group: batch.counts[group] for group in ("new", "changed", "suppressed", "duplicate", "refused", "gone")}
    assert groups == {"new": 4, "changed": 1, "suppressed": 1, "duplicate": 1, "refused": 4, "gone": 5}


def test_an_import_that_waits_for_a_second_person(
    browse: Browse, crm: Source, browser: Browser, live_server: LiveServer
) -> None:
    client = browse(Role.REGISTER_OWNER.value, language="fi")
    first = bring(client, table(*people(20)))
    client.post(f"/staff/imports/{first.pk}/apply/")
    run_due()
    batch = bring(client, table(*people(15)))
    officer = browse(Role.DATA_PROTECTION_OFFICER.value, name="Katariina Holm", language="fi")
    context = browser.new_context(locale="fi")
    sign_in(context, officer, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/imports/{batch.pk}/")
    check(page, "release", "fi")
    page.click("form[action$='/release/'] button")
    check(page, "released", "fi")
    context.close()
    batch.refresh_from_db()
    assert batch.state == Batch.State.STAGED
