"""What the notices room proves, and that each check turns red when it should."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from luvalla.campaigns import addresses
from luvalla.campaigns.actions import cancel_campaign
from luvalla.cli.installation import install, read_document
from luvalla.ledger.actors import SYSTEM, person
from luvalla.ledger.models import LedgerRow
from luvalla.notices.actions import make_file, publish_notice
from luvalla.notices.claims import (
    check_authorities,
    check_named_authority,
    check_published_text,
    check_purposes,
    check_sources,
    check_version_and_date,
)
from luvalla.notices.models import NoticeFile, NoticeVersion
from luvalla.notices.queries import current_notice
from luvalla.notices.rendering import digest
from luvalla.organisation.actions import record_controller
from luvalla.organisation.authorities import listed
from luvalla.organisation.comparing import note_comparison
from luvalla.organisation.models import Comparison, Purpose
from luvalla.register.actions import add_permission
from luvalla.register.models import Audience, Source
from luvalla.rules.address import normalise
from luvalla.rules.ports import Finding, Verdict
from luvalla.rules.purposes import PermissionKind
from tests.campaigns.making import approved, draft
from tests.support.unconstrained import without_constraint
from tests.support.world import EXAMPLE, known_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def notice() -> NoticeVersion:
    """Give the first notice of the example organisation."""
    install(read_document(EXAMPLE), today=date(2026, 11, 2))
    published = current_notice()
    assert published is not None
    return published


def test_a_published_notice_is_the_one_the_system_makes() -> None:
    finding = check_published_text()
    assert finding.verdict is Verdict.HOLDS
    assert (finding.figures["languages"], finding.figures["same"]) == (3, 3)


def test_a_page_edited_by_hand_breaks_s1(notice: NoticeVersion) -> None:
    NoticeVersion.objects.update(html_sv=notice.html_sv.replace("Mallila", "Mallby"))
    finding = check_published_text()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["same"] == 2


def test_a_page_and_its_digest_edited_by_hand_still_break_s1(notice: NoticeVersion) -> None:
    record_controller(details={"city": "Mallby"}, actor=SYSTEM)
    notice.html_fi, notice.html_sv, notice.html_en = (
        each.replace("Mallila", "Mallby") for each in (notice.html_fi, notice.html_sv, notice.html_en)
    )
    notice.digest = digest(notice.texts())
    notice.save()
    finding = check_published_text()
    assert finding.figures["same"] == 3
    assert finding.verdict is Verdict.BROKEN, "the ledger remembers what was published"


def test_changed_settings_break_s1_until_the_notice_is_published_anew() -> None:
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)
    finding = check_published_text()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["changed_settings"] == ["controller"]
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    assert check_published_text().verdict is Verdict.HOLDS


def test_a_pdf_that_was_exchanged_breaks_s1() -> None:
    notice = NoticeVersion.objects.get()
    made = make_file(notice=notice, language="sv", actor=SYSTEM)
    assert check_published_text().verdict is Verdict.HOLDS
    NoticeFile.objects.filter(pk=made.pk).update(content=b"%PDF-1.7 something else")
    finding = check_published_text()
    assert (finding.verdict, finding.figures["files_changed"]) == (Verdict.BROKEN, 1)


def test_no_notice_at_all_breaks_both() -> None:
    NoticeVersion.objects.all().delete()
    assert check_published_text().verdict is Verdict.BROKEN
    assert check_version_and_date().verdict is Verdict.BROKEN


def test_numbered_dated_versions_hold() -> None:
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    finding = check_version_and_date()
    assert finding.verdict is Verdict.HOLDS
    assert finding.figures["versions"] == 2


def test_a_date_in_the_future_breaks_s2() -> None:
    NoticeVersion.objects.update(published_on=timezone.localdate() + timedelta(days=1))
    assert check_version_and_date().verdict is Verdict.BROKEN


def test_a_missing_version_breaks_s2() -> None:
    for _ in range(2):
        publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    NoticeVersion.objects.filter(version=2).delete()
    assert check_version_and_date().verdict is Verdict.BROKEN


def test_an_emptied_or_redated_version_breaks_s2() -> None:
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    NoticeVersion.objects.filter(version=1).update(html_fi="")
    assert check_version_and_date().figures["as_published"] == 1
    NoticeVersion.objects.filter(version=1).update(html_fi="x", published_on=timezone.localdate())
    NoticeVersion.objects.filter(version=2).update(published_on=date(2026, 1, 1))
    assert check_version_and_date().verdict is Verdict.BROKEN
    assert LedgerRow.objects.filter(verb="notices.publish_notice").count() == 2


@pytest.fixture
def verified() -> Callable[[int | None], None]:
    """Give a function that lets somebody have compared every authority with its page so many days ago, or nobody."""

    def so_many_days_ago(days: int | None) -> None:
        Comparison.objects.all().delete()
        for country in listed() if days is not None else ():
            note_comparison(country=country, compared_on=_days_ago(days or 0), actor=person("somebody"))

    return so_many_days_ago


def _days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


@pytest.mark.parametrize("check", [check_authorities, check_named_authority])
def test_authorities_are_as_sure_as_the_day_they_were_verified(
    check: Callable[[], Finding], verified: Callable[[int | None], None]
) -> None:
    seen = {}
    for days in (None, 0, 180, 181, 365, 366):
        verified(days)
        seen[days] = check().verdict
    assert seen == {
        None: Verdict.UNKNOWN,
        0: Verdict.HOLDS,
        180: Verdict.HOLDS,
        181: Verdict.UNKNOWN,
        365: Verdict.UNKNOWN,
        366: Verdict.BROKEN,
    }


def test_authorities_verified_long_ago_break_s45(verified: Callable[[int | None], None]) -> None:
    verified(400)
    assert check_authorities().verdict is Verdict.BROKEN


def test_an_outdated_address_breaks_s46(notice: NoticeVersion, verified: Callable[[int | None], None]) -> None:
    verified(1)
    assert check_named_authority().verdict is Verdict.HOLDS
    NoticeVersion.objects.update(html_fi=notice.html_fi.replace("Lintulahdenkuja 4", "Ratapihantie 9"))
    assert check_named_authority().verdict is Verdict.BROKEN


def test_one_authority_nobody_has_looked_at_leaves_s45_in_doubt_and_s46_alone(
    verified: Callable[[int | None], None],
) -> None:
    verified(3)
    Comparison.objects.filter(country="IS").delete()
    assert check_authorities().verdict is Verdict.UNKNOWN
    assert check_authorities().figures["never_verified"] == 1
    assert check_named_authority().verdict is Verdict.HOLDS


def test_an_authority_that_moved_breaks_s46_until_the_notice_names_its_new_address() -> None:
    note_comparison(country="FI", compared_on=_days_ago(0), actor=person("somebody"), details={"postcode": "00999"})
    assert check_named_authority().verdict is Verdict.BROKEN
    assert check_published_text().figures["changed_settings"] == ["authority"]
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    assert check_named_authority().verdict is Verdict.HOLDS


def test_nobody_has_verified_the_authorities_yet() -> None:
    """The list was gathered from copies. Until somebody has looked at the pages nothing is claimed."""
    assert check_authorities().verdict is Verdict.UNKNOWN
    assert check_named_authority().verdict is Verdict.UNKNOWN


def rename(source: Source, name: str) -> None:
    """Call a source otherwise in all languages."""
    Source.objects.filter(pk=source.pk).update(**{f"name_{language}": name for language in ("fi", "sv", "en")})


def use_source(source: Source) -> None:
    """Bring one invented contact in from the source."""
    add_permission(
        address=normalise("maija@esimerkki.fi"), kind=PermissionKind.CUSTOMER, source=source,
        audience=source.default_audience, actor=SYSTEM,
    )  # fmt: skip


def test_a_source_the_notice_does_not_name_breaks_s16() -> None:
    use_source(Source.objects.get(key="crm"))
    assert check_sources().verdict is Verdict.HOLDS
    names = {f"name_{language}": "A list from a fair" for language in ("fi", "sv", "en")}
    manual = Source.objects.create(
        key="manual", default_audience=Audience.objects.get(key="customers"), evidence="Asked at the fair.", **names
    )
    assert check_sources().verdict is Verdict.HOLDS, "nobody is from there yet"
    use_source(manual)
    finding = check_sources()
    assert (finding.verdict, finding.figures["not_in_the_notice"]) == (Verdict.BROKEN, 1)


def test_a_purpose_the_notice_does_not_name_breaks_s5() -> None:
    world = known_world()
    assert check_purposes().verdict is Verdict.HOLDS
    names = {f"name_{language}": "Price news" for language in ("fi", "sv", "en")}
    Purpose.objects.filter(pk=world.marketing.pk).update(**names)
    assert check_purposes().verdict is Verdict.HOLDS, "no letter has it yet"
    draft(world)
    finding = check_purposes()
    assert (finding.verdict, finding.figures["not_in_the_notice"]) == (Verdict.BROKEN, 1)
    assert finding.figures["mended_by_publishing"] is True


def test_a_look_without_a_purpose_breaks_s5() -> None:
    with without_constraint(LedgerRow, "ledger_looks_have_a_purpose"):
        LedgerRow.objects.create(verb="register.show_person", actor="system", reason="asked")
    finding = check_purposes()
    assert (finding.verdict, finding.figures["looks_without_purpose"]) == (Verdict.BROKEN, 1)
    assert finding.figures["mended_by_publishing"] is False


def test_a_letter_that_does_not_tell_the_source_breaks_s16() -> None:
    world = known_world()
    use_source(world.crm)
    silent = approved(world)
    assert check_sources().verdict is Verdict.HOLDS
    rename(world.crm, "Customer ledger")
    publish_notice(published_on=timezone.localdate(), actor=SYSTEM)
    finding = check_sources()
    assert (finding.verdict, finding.figures["letters_without_source"]) == (Verdict.BROKEN, 1)
    assert finding.about == ("direct_marketing",)
    cancel_campaign(campaign=silent, actor=SYSTEM)
    approved(world)
    assert check_sources().verdict is Verdict.HOLDS


def test_a_footer_without_its_source_breaks_s16_before_the_first_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luvalla.campaigns.rendering.footer.source_sentence", lambda _: "")
    finding = check_sources()
    assert (finding.verdict, finding.about) == (Verdict.BROKEN, ())
    assert finding.figures["letters"] == 0


def test_a_letter_that_does_not_lead_to_the_notice_breaks_s16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(addresses.NOTICE, "fi", "elsewhere")
    approved(known_world())
    monkeypatch.undo()
    assert check_sources().figures["letters_without_source"] == 1


def test_whoever_signed_up_need_not_be_told_where_the_address_is_from() -> None:
    world = known_world()
    use_source(world.crm)
    approved(world)
    add_permission(
        address=normalise("tilaaja@esimerkki.fi"), kind=PermissionKind.CONSENT, source=world.sign_up,
        audience=world.customers, purposes=["direct_marketing"], actor=SYSTEM,
        proof={"wording": "Kyllä", "language": "fi", "notice_version": 1},
    )  # fmt: skip
    assert check_sources().verdict is Verdict.HOLDS


def test_a_source_that_proves_nothing_breaks_s16_too() -> None:
    crm = Source.objects.get(key="crm")
    use_source(crm)
    Source.objects.filter(pk=crm.pk).update(evidence="")
    finding = check_sources()
    assert (finding.verdict, finding.figures["without_statement"]) == (Verdict.BROKEN, 1)
