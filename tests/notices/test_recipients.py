"""Whom the notice names and what it lists, and the breaches that must turn the checks to broken."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.models import Relay
from luvalla.notices.actions import publish_notice
from luvalla.notices.recipients import check_contents, check_recipients
from luvalla.organisation.actions import declare_field
from luvalla.organisation.models import OutgoingHost, Processor
from luvalla.people.models import Employer, User
from luvalla.rules.ports import Verdict
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def example(db: None) -> World:
    """Record the example organisation, its notice published."""
    return make_world()


def test_the_example_organisation_names_everybody_and_lists_everything() -> None:
    assert check_recipients().verdict is Verdict.HOLDS
    assert check_contents().verdict is Verdict.HOLDS


def processor() -> Processor:
    """Record a processor after the notice was published."""
    today = timezone.localdate()
    return Processor.objects.create(
        name="Kirjekyyhky Oy", role="relay", country="FI", contract_reference="1", contract_from=today
    )


def test_a_relay_nobody_is_told_of_breaks_s13() -> None:
    relay = Relay.objects.create(name="new", url="smtp+starttls://posti.esimerkki.fi", country="FI", in_use=True)
    assert check_recipients().figures["owned_by_nobody"] == 1
    relay.processor = processor()
    relay.save()
    finding = check_recipients()
    assert finding.verdict is Verdict.BROKEN
    assert (finding.figures["owned_by_nobody"], finding.figures["unnamed"]) == (0, 1)
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    assert check_recipients().verdict is Verdict.HOLDS


def test_a_host_that_requests_go_to_breaks_s13_until_it_is_named() -> None:
    OutgoingHost.objects.create(host="api.example.com", processor=processor(), country="FI", what_for="webhooks")
    assert check_recipients().figures["unnamed"] == 1


def test_a_partners_people_break_s13_until_the_partner_is_named(example: World) -> None:
    partner = Employer.objects.create(name="Viestintä & Co", kind=Employer.PARTNER)
    User.objects.filter(pk=example.author.pk).update(employer=partner)
    assert check_recipients().figures["unnamed"] == 1


def test_a_field_the_notice_does_not_name_breaks_s15() -> None:
    names = {"name_fi": "Kieli", "name_sv": "Språk", "name_en": "Language"}
    declare_field(key="language", reason="Letters in one's own language.", names=names, actor=SYSTEM)
    finding = check_contents()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["undeclared"] == 1
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    assert check_contents().verdict is Verdict.HOLDS


def test_a_column_beyond_the_notice_breaks_s15() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE register_contact ADD COLUMN etunimi varchar(40)")
    try:
        assert check_contents().figures["columns"] == 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE register_contact DROP COLUMN etunimi")
