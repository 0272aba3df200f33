"""A new notice is published by the register owner, on the data protection officer's written opinion about its words."""

from __future__ import annotations

from datetime import date

import pytest

from luvalla.cli.installation import install, read_document
from luvalla.ledger.actors import SYSTEM, Actor, person
from luvalla.ledger.models import LedgerRow
from luvalla.notices.actions import give_opinion, publish_notice
from luvalla.notices.errors import OpinionMissing, OpinionOutdated, ReasonMissing, SamePerson
from luvalla.notices.models import Opinion
from luvalla.notices.queries import next_draft, notice_versions
from luvalla.organisation.actions import record_controller, record_disclosee
from luvalla.people.models import Role
from luvalla.people.roles import GRANTS, Capability
from luvalla.rules.purposes import LegalBasis
from tests.support.world import EXAMPLE

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 2)
OFFICER, OWNER = person("officer"), person("owner")


@pytest.fixture(autouse=True)
def _world() -> None:
    install(read_document(EXAMPLE), today=DAY)
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)


def say(*, is_for: bool = True, text: str = "The new address is right.", actor: Actor = OFFICER) -> Opinion:
    return give_opinion(is_for=is_for, text=text, draft=next_draft().digest, actor=actor)


def test_without_an_opinion_nobody_publishes() -> None:
    with pytest.raises(OpinionMissing):
        publish_notice(published_on=DAY, actor=OWNER)
    assert len(notice_versions()) == 1


def test_on_an_opinion_the_owner_publishes_and_both_are_in_the_ledger() -> None:
    given = say()
    notice = publish_notice(published_on=DAY, actor=OWNER)
    assert (notice.version, notice.opinion, notice.published_by) == (2, given, "person:owner")
    rows = LedgerRow.objects.filter(verb__in=("notices.give_opinion", "notices.publish_notice")).order_by("pk")
    assert [each.actor for each in rows][1:] == ["person:officer", "person:owner"]
    assert rows[2].facts["opinion"] == str(given.ref)


def test_an_opinion_on_other_words_is_none() -> None:
    say()
    record_controller(details={"street": "Uusikatu 9"}, actor=SYSTEM)
    with pytest.raises(OpinionMissing):
        publish_notice(published_on=DAY, actor=OWNER)


def test_an_opinion_about_a_text_that_has_changed_meanwhile_is_refused() -> None:
    read = next_draft().digest
    record_controller(details={"street": "Uusikatu 9"}, actor=SYSTEM)
    with pytest.raises(OpinionOutdated):
        give_opinion(is_for=True, text="Right.", draft=read, actor=OFFICER)


def test_an_opinion_needs_words() -> None:
    with pytest.raises(ReasonMissing):
        say(text="  \n ")


def test_against_an_opinion_the_owner_publishes_only_with_a_reason() -> None:
    say(is_for=False, text="The street is not where the office is.")
    with pytest.raises(ReasonMissing):
        publish_notice(published_on=DAY, actor=OWNER)
    notice = publish_notice(published_on=DAY, actor=OWNER, reason="Post is received there.")
    assert notice.reason == "Post is received there."


def test_whoever_gave_the_opinion_does_not_publish_on_it() -> None:
    say(actor=OWNER)
    with pytest.raises(SamePerson):
        publish_notice(published_on=DAY, actor=OWNER)


def test_no_role_gives_the_opinion_and_publishes() -> None:
    officer, owner = GRANTS[Role.DATA_PROTECTION_OFFICER], GRANTS[Role.REGISTER_OWNER]
    assert Capability.GIVE_OPINION in officer
    assert Capability.PUBLISH_NOTICE not in officer
    assert Capability.PUBLISH_NOTICE in owner
    assert Capability.GIVE_OPINION not in owner
    both = {Capability.GIVE_OPINION, Capability.PUBLISH_NOTICE}
    assert not any(both <= granted for granted in GRANTS.values())


def test_a_disclosee_is_named_with_its_country_and_what_it_is_given_data_for() -> None:
    details = {
        "name": "Postitutkimus Oy", "kind": "controller", "country": "SE", "basis": LegalBasis.CONSENT,
        "purpose_fi": "postikyselyn lähettäminen",
        "purpose_sv": "utskick av en enkät", "purpose_en": "sending a survey",
        "disclosed_from": date(2026, 1, 1),
    }  # fmt: skip
    record_disclosee(details=details, actor=SYSTEM)
    notice = publish_notice(published_on=DAY, actor=SYSTEM)
    assert "Postitutkimus Oy, Ruotsi: postikyselyn lähettäminen" in notice.html_fi
    assert "Postitutkimus Oy, Sverige: utskick av en enkät" in notice.html_sv
    assert "Postitutkimus Oy, Sweden: sending a survey" in notice.html_en
