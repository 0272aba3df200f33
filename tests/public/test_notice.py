"""The notice's page: the published text untouched, with what the checks last saw beside each part."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import check_claims, publish_notice
from luvalla.notices.queries import current_notice
from luvalla.notices.registry import SECTIONS
from luvalla.organisation.actions import record_controller
from luvalla.public.paths import LANGUAGES, path_of
from luvalla.rules.ports import Claim, Finding, Registry, Verdict
from tests.public.test_pages import check_headers
from tests.support.world import World


def state(ids: dict[str, Verdict], monkeypatch: pytest.MonkeyPatch) -> None:
    """Put checks with these verdicts at the port, alone, and run them."""
    port: Registry[Claim] = Registry("claim")
    for each, verdict in ids.items():
        port.register(each, Claim(each, lambda verdict=verdict: Finding(verdict, {"rows": 3}), "x"))
    monkeypatch.setattr("luvalla.notices.actions.claims", port)
    monkeypatch.setattr("luvalla.notices.queries.claims", port)
    check_claims(actor=SYSTEM)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_part_shows_its_proof(language: str, world: World, visitor: Client) -> None:
    response = visitor.get(path_of("notice", language))
    check_headers(response)
    text = response.content.decode()
    assert text.count('<details class="pf') == len(SECTIONS)
    assert "<!--proof" not in text
    assert text.count("<h1") == 1


def test_the_worst_claim_speaks_for_its_part(world: World, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    holding = dict.fromkeys(("S5", "S7", "S8", "S9", "S10", "S3", "S4", "S16"), Verdict.HOLDS)
    state({**holding, "S11": Verdict.BROKEN, "S7": Verdict.UNKNOWN}, monkeypatch)
    text = visitor.get("/en/privacy-notice/").content.decode()
    marks = dict(zip(SECTIONS, re.findall(r'<details class="pf v-(\w+)"', text), strict=True))
    assert marks["controller"] == "holds"
    assert marks["purposes"] == "unknown"
    assert marks["grounds"] == "broken"
    assert marks["source"] == "holds"
    assert marks["rights"] == "unbuilt"
    assert '<details class="pf v-broken" open>' in text
    assert "checked 23 November" in text or "checked" in text


def test_a_broken_claim_says_what_is_closed_and_who_mends_it(
    world: World, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    state({"S9": Verdict.BROKEN, "S10": Verdict.HOLDS}, monkeypatch)
    text = visitor.get("/en/privacy-notice/").content.decode()
    assert text.count("Closed until it holds again:") == 1
    assert "publishing a new notice, sending letters." in text


def test_the_published_text_is_not_touched_by_its_proofs(world: World, visitor: Client) -> None:
    notice = current_notice()
    assert notice is not None
    text = visitor.get("/fi/tietosuojaseloste/").content.decode().replace("<wbr>", "")
    for part in re.split(r"<!--proof:[a-z-]+-->", notice.html_fi):
        assert part in text


def test_earlier_versions_stay_readable_and_say_so(world: World, visitor: Client) -> None:
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)
    newest = current_notice()
    assert newest is not None
    publish_notice(published_on=newest.published_on, actor=SYSTEM)
    listed = visitor.get("/en/privacy-notice/versions/").content.decode()
    assert listed.index("Version 2") < listed.index("Version 1")
    old = visitor.get("/en/privacy-notice/1/").content.decode()
    assert "It is no longer in force" in old
    assert "Mallikatu 5" in old
    assert "Uusikatu 7" not in old.partition("<footer")[0]
    assert "Uusikatu 7" in visitor.get("/en/privacy-notice/").content.decode().partition("<footer")[0]
    assert "no longer in force" not in visitor.get("/en/privacy-notice/2/").content.decode()
    assert visitor.get("/en/privacy-notice/3/").status_code == 404
