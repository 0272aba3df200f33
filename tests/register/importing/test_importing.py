from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import OPERATOR, SUBJECT, SYSTEM, person
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.register import stop
from luvalla.register.actions import add_permission, restrict_contact
from luvalla.register.importing import actions
from luvalla.register.importing.actions import apply_batch, begin_batch, discard_batch, release_batch
from luvalla.register.importing.errors import NotDecidable, NotReadable, ReleaseMissing, SamePerson, Undecided
from luvalla.register.importing.faults import FileFault
from luvalla.register.importing.settling import settle_batch
from luvalla.register.models import (
    Audience,
    Batch,
    BatchLine,
    Contact,
    Permission,
    PermissionProof,
    Source,
    SourceNotice,
    Suppression,
)
from luvalla.register.queries import find_contact, live_permissions, open_address, visible_contacts
from luvalla.register.source_notices import open_notices
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.register.conftest import PatientBarrier
from tests.register.importing.conftest import Bring, Stage

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "nimi;sähköposti;sopimus alkoi;asiakaslaji\n"
THREE = HEADER + (
    "Maija;maija@esimerkki.fi;1.5.2019;yksityinen\n"
    "Pekka;Pekka@Esimerkki.fi;2.6.2020;yksityinen\n"
    "Öljy Oy;info@öljy.example;3.7.2021;yritys\n"
)
MANY = HEADER + "".join(f"N;asiakas{number}@esimerkki.fi;1.1.2020;yksityinen\n" for number in range(30))
AINO = person("11111111-1111-4111-8111-111111111111")
EERO = person("22222222-2222-4222-8222-222222222222")


def addresses() -> set[str]:
    return {open_address(each) for each in visible_contacts(restricted=True)}


def groups(batch: Batch) -> dict[str, int]:
    return {name: count for name, count in batch.counts.items() if count}


def test_an_export_is_invisible_until_it_is_applied(stage: Stage) -> None:
    batch = stage(THREE)
    assert batch.state == Batch.State.STAGED
    assert groups(batch) == {"new": 3}
    assert not visible_contacts().exists()
    apply_batch(batch=batch, actor=OPERATOR)
    assert addresses() == {"maija@esimerkki.fi", "pekka@esimerkki.fi", "info@xn--ljy-rna.example"}


def test_each_address_gets_a_permission_with_its_facts(bring: Bring, crm: Source) -> None:
    batch = bring(THREE)
    facts = {
        open_address(each.contact): (each.kind, each.since) for each in Permission.objects.select_related("contact")
    }
    assert facts == {
        "maija@esimerkki.fi": ("customer", date(2019, 5, 1)),
        "pekka@esimerkki.fi": ("customer", date(2020, 6, 2)),
        "info@xn--ljy-rna.example": ("legal_entity", date(2021, 7, 3)),
    }
    assert {(each.source, each.audience, each.batch) for each in Permission.objects.all()} == {
        (crm, crm.default_audience, batch)
    }


def test_the_staged_rows_are_found_by_the_ordinary_tokens(bring: Bring) -> None:
    bring(THREE)
    contact = find_contact(normalise("PEKKA@esimerkki.fi"))
    assert contact is not None
    assert bytes(contact.folded) == sealer().folded_token(normalise("pekka+x@esimerkki.fi"))
    assert bytes(contact.domain) == sealer().domain_token("esimerkki.fi")
    assert contact.ref.version == 4


def test_the_same_export_again_changes_nothing(bring: Bring) -> None:
    bring(THREE)
    before = list(Permission.objects.values_list("pk", "batch"))
    batch = bring(THREE)
    assert groups(batch) == {"unchanged": 3, "before": 3}
    assert list(Permission.objects.values_list("pk", "batch")) == before


def test_changed_facts_end_one_permission_and_give_another(bring: Bring) -> None:
    bring(THREE)
    batch = bring(THREE.replace("1.5.2019;yksityinen", "1.5.2024;yritys"))
    assert groups(batch) == {"unchanged": 2, "changed": 1, "other_since": 1, "other_kind": 1, "before": 3}
    maija = find_contact(normalise("maija@esimerkki.fi"))
    assert maija is not None
    (now,) = live_permissions().filter(contact=maija)
    assert (now.kind, now.since) == ("legal_entity", date(2024, 5, 1))
    ended = maija.permissions.exclude(ended_at=None).get()
    assert ended.ended_at == batch.applied_at


def test_facts_that_the_file_does_not_tell_stay_as_they_were(bring: Bring) -> None:
    bring(THREE)
    batch = bring("sähköposti\nmaija@esimerkki.fi\npekka@esimerkki.fi\ninfo@öljy.example\n")
    assert groups(batch) == {"unchanged": 3, "before": 3}
    assert live_permissions().filter(kind="legal_entity", since=date(2021, 7, 3)).count() == 1


def test_another_audience_is_a_change(bring: Bring) -> None:
    bring(THREE)
    others = Audience.objects.create(key="stakeholders", name_fi="S", name_sv="S", name_en="S")
    batch = bring(THREE, audience=others)
    assert batch.counts["changed"] == batch.counts["other_audience"] == 3
    assert set(live_permissions().values_list("audience", flat=True)) == {others.pk}


def test_the_same_mailbox_written_otherwise_is_one_contact(bring: Bring) -> None:
    batch = bring(THREE + "M;MAIJA@esimerkki.fi;;\nM;maija+lasku@esimerkki.fi;;\nÖ;info@xn--ljy-rna.example;;\n")
    assert groups(batch) == {"new": 3, "duplicate": 3}
    assert list(BatchLine.objects.order_by("line").values_list("line", "group", "fault")) == [
        (5, "duplicate", "same_mailbox"),
        (6, "duplicate", "same_mailbox"),
        (7, "duplicate", "same_mailbox"),
    ]


def test_a_mailbox_known_with_another_tag_is_the_same_contact(bring: Bring) -> None:
    bring("email\nmaija+sahko@esimerkki.fi\n")
    batch = bring("email\nmaija@esimerkki.fi\n")
    assert groups(batch) == {"unchanged": 1, "before": 1}
    assert addresses() == {"maija+sahko@esimerkki.fi"}


def test_bad_rows_are_refused_one_by_one(bring: Bring) -> None:
    batch = bring(THREE + "A;ei osoitetta;;\nB;;;\nC;=1+1;;\nD\n")
    assert groups(batch) == {"new": 3, "refused": 4}
    assert list(BatchLine.objects.order_by("line").values_list("line", "fault")) == [
        (5, "no_at_sign"),
        (6, "empty"),
        (7, "formula"),
        (8, "too_few_columns"),
    ]


def test_whoever_is_gone_from_the_file_is_erased_with_a_proof_kept(bring: Bring) -> None:
    bring(MANY)
    batch = bring(MANY.replace("N;asiakas7@esimerkki.fi;1.1.2020;yksityinen\n", ""))
    assert groups(batch) == {"unchanged": 29, "gone": 1, "before": 30}
    assert batch.state == Batch.State.SETTLED
    assert not Contact.objects.filter(token=sealer().exact_token(normalise("asiakas7@esimerkki.fi"))).exists()
    assert PermissionProof.objects.count() == 1
    assert not Suppression.objects.exists()


def test_whoever_comes_back_after_having_gone_is_welcome(bring: Bring) -> None:
    bring(MANY)
    bring(MANY.replace("N;asiakas7@esimerkki.fi;1.1.2020;yksityinen\n", ""))
    batch = bring(MANY)
    assert groups(batch) == {"new": 1, "unchanged": 29, "before": 29}
    assert "asiakas7@esimerkki.fi" in addresses()


def test_whoever_signed_up_too_stays_when_gone_from_the_source(bring: Bring, sign_up: Source) -> None:
    bring(MANY)
    add_permission(
        address=normalise("asiakas7@esimerkki.fi"),
        kind=PermissionKind.CONSENT,
        source=sign_up,
        audience=sign_up.default_audience,
        purposes=("direct_marketing",),
        proof={},
        actor=SUBJECT,
    )
    batch = bring(MANY.replace("N;asiakas7@esimerkki.fi;1.1.2020;yksityinen\n", ""))
    assert batch.counts["gone"] == batch.counts["gone_staying"] == 1
    assert "asiakas7@esimerkki.fi" in addresses()
    assert live_permissions().filter(source=sign_up).count() == 1


def test_a_loss_of_over_a_tenth_waits_for_a_second_person(stage: Stage, bring: Bring) -> None:
    bring(MANY)
    fewer = HEADER + "".join(f"N;asiakas{number}@esimerkki.fi;1.1.2020;yksityinen\n" for number in range(26))
    batch = stage(fewer, actor=AINO)
    assert batch.state == Batch.State.AWAITING_RELEASE
    with pytest.raises(ReleaseMissing):
        apply_batch(batch=batch, actor=AINO)
    with pytest.raises(SamePerson):
        release_batch(batch=batch, by=AINO, actor=AINO)
    assert len(addresses()) == 30
    release_batch(batch=batch, by=EERO, actor=EERO)
    with pytest.raises(SamePerson):
        apply_batch(batch=batch, actor=EERO)
    apply_batch(batch=batch, actor=AINO)
    assert len(addresses()) == 26
    assert run_due() >= 1
    batch.refresh_from_db()
    assert (batch.state, batch.decided_by, batch.released_by) == (Batch.State.SETTLED, str(AINO), str(EERO))


def test_a_loss_of_exactly_a_tenth_needs_nobody_else(stage: Stage, bring: Bring) -> None:
    bring(MANY)
    fewer = HEADER + "".join(f"N;asiakas{number}@esimerkki.fi;1.1.2020;yksityinen\n" for number in range(27))
    assert stage(fewer).state == Batch.State.STAGED


def test_a_discarded_import_leaves_nothing_behind(stage: Stage, bring: Bring) -> None:
    bring(MANY)
    before = (Contact.objects.count(), set(live_permissions().values_list("pk", flat=True)))
    batch = stage(MANY.replace("asiakas7@", "uusi7@").replace("1.1.2020", "2.2.2022"))
    discard_batch(batch=batch, actor=AINO)
    run_due()
    assert (Contact.objects.count(), set(live_permissions().values_list("pk", flat=True))) == before
    assert not Permission.objects.filter(batch=batch).exists()
    assert not Permission.objects.filter(ending_batch=batch).exists()
    with pytest.raises(NotDecidable):
        apply_batch(batch=batch, actor=AINO)


def test_a_source_has_one_undecided_import_at_a_time(stage: Stage, crm: Source) -> None:
    batch = stage(THREE)
    with pytest.raises(Undecided) as caught:
        begin_batch(source=crm, permission=PermissionKind.CUSTOMER, actor=AINO)
    assert caught.value.batch_id == batch.pk


def test_an_import_that_nobody_decides_is_discarded_after_seven_days(stage: Stage) -> None:
    batch = stage(THREE)
    assert actions.discard_undecided() == 0
    assert actions.discard_undecided(now=timezone.now() + timedelta(days=8)) == 1
    batch.refresh_from_db()
    assert (batch.state, batch.decided_by) == (Batch.State.DISCARDED, str(SYSTEM))


def test_a_file_that_can_not_be_read_fails_and_says_why(stage: Stage) -> None:
    with pytest.raises(NotReadable):
        stage("nimi;kunta\nA;Ii\n")
    batch = Batch.objects.get()
    assert (batch.state, batch.fault) == (Batch.State.FAILED, FileFault.NO_ADDRESS_COLUMN)


def test_a_file_without_one_good_address_takes_nobody_away(stage: Stage, bring: Bring) -> None:
    bring(MANY)
    with pytest.raises(NotReadable) as caught:
        stage(HEADER + "A;ei osoitetta;;\n")
    assert caught.value.fault is FileFault.NO_ADDRESSES
    assert len(addresses()) == 30
    assert not Permission.objects.exclude(ending_batch=None).exists()


def test_stopped_mailboxes_and_domains_do_not_come_back(stage: Stage, bring: Bring, barrier: PatientBarrier) -> None:
    bring(THREE)
    stop.withdraw(address=normalise("maija@esimerkki.fi"), channel="test", actor=SUBJECT)
    stop.stop_company(domain="xn--ljy-rna.example", channel="test", actor=SUBJECT)
    batch = bring(THREE + "M;MAIJA@Esimerkki.fi;;\nM;maija+uutiset@esimerkki.fi;;\n")
    assert groups(batch) == {"suppressed": 4, "unchanged": 1, "before": 1}
    assert addresses() == {"pekka@esimerkki.fi"}
    assert Contact.objects.count() == 1
    assert not BatchLine.objects.exists()


def test_a_source_is_told_once_a_mailbox_that_it_delivers_what_was_stopped(
    stage: Stage, bring: Bring, crm: Source
) -> None:
    address = normalise("maija@esimerkki.fi")
    Suppression.objects.create(token=sealer().folded_token(address), reason="withdrawal")
    batch = stage(THREE + "M;maija+uutiset@esimerkki.fi;;\n")
    assert not open_notices().exists()
    apply_batch(batch=batch, actor=OPERATOR)
    (notice,) = open_notices(crm)
    assert notice.kind == "suppressed"
    settle_batch(batch)
    bring(THREE)
    assert open_notices(crm).count() == 1


def test_a_discarded_import_tells_no_source_anything(stage: Stage) -> None:
    address = normalise("maija@esimerkki.fi")
    Suppression.objects.create(token=sealer().folded_token(address), reason="withdrawal")
    discard_batch(batch=stage(THREE), actor=OPERATOR)
    run_due()
    assert not SourceNotice.objects.exists()


def test_a_restricted_contact_is_left_untouched(bring: Bring) -> None:
    bring(MANY)
    contact = find_contact(normalise("asiakas7@esimerkki.fi"))
    other = find_contact(normalise("asiakas8@esimerkki.fi"))
    assert contact is not None
    assert other is not None
    for each in (contact, other):
        restrict_contact(contact=each, reason="accuracy", actor=SYSTEM)
    before = list(contact.permissions.values())
    changed = MANY.replace("asiakas7@esimerkki.fi;1.1.2020", "asiakas7@esimerkki.fi;1.1.2024")
    batch = bring(changed.replace("N;asiakas8@esimerkki.fi;1.1.2020;yksityinen\n", ""))
    assert groups(batch) == {"unchanged": 29, "restricted": 1, "before": 30}
    assert list(contact.permissions.values()) == before
    assert other.permissions.filter(ended_at=None, ending_batch=None).exists()


def test_an_expired_suppression_stops_nobody(bring: Bring) -> None:
    address = normalise("maija@esimerkki.fi")
    yesterday = timezone.now() - timedelta(days=1)
    Suppression.objects.create(token=sealer().folded_token(address), reason="undeliverable", expires_at=yesterday)
    assert groups(bring(THREE)) == {"new": 3}


def test_a_consent_is_imported_for_its_purposes(bring: Bring) -> None:
    batch = bring(THREE, permission=PermissionKind.CONSENT, purposes=("direct_marketing", "opinion_research"))
    assert set(live_permissions().values_list("kind", "purposes")) == {("consent", "direct_marketing opinion_research")}
    assert "asiakaslaji" in batch.reading["dropped"]


def test_a_private_person_is_no_legal_entity(bring: Bring) -> None:
    batch = bring(THREE, permission=PermissionKind.LEGAL_ENTITY)
    assert groups(batch) == {"new": 1, "refused": 2}
    assert set(BatchLine.objects.values_list("fault", flat=True)) == {"private_person"}


def test_one_source_does_not_take_away_what_another_gave(bring: Bring, crm: Source) -> None:
    partner = Source.objects.create(
        key="partner", evidence="x", default_audience=crm.default_audience, name_fi="P", name_sv="P", name_en="P"
    )
    bring(THREE)
    batch = bring("email\nmaija@esimerkki.fi\nuusi@esimerkki.fi\n", source=partner)
    assert groups(batch) == {"new": 2}
    assert len(addresses()) == 4
    assert find_contact(normalise("maija@esimerkki.fi")).permissions.count() == 2  # type: ignore[union-attr]  # it is there


def test_what_is_done_with_an_import_stands_in_the_ledger_without_addresses(bring: Bring) -> None:
    batch = bring(THREE)
    rows = LedgerRow.objects.filter(subject_kind="batch").order_by("pk")
    assert [each.verb for each in rows] == ["register.stage_batch", "register.apply_batch", "register.settle_batch"]
    assert {each.subject_ref for each in rows} == {str(batch.ref)}
    assert rows[1].facts["counts"]["new"] == 3
    assert "@" not in str([each.facts for each in rows])


def test_columns_that_are_not_kept_are_named(bring: Bring) -> None:
    batch = bring(THREE)
    assert batch.reading["kept"] == ["sähköposti", "sopimus alkoi", "asiakaslaji"]
    assert batch.reading["dropped"] == ["nimi"]
    assert (batch.reading["encoding"], batch.reading["delimiter"]) == ("utf-8", ";")
    assert len(batch.digest) == 64


def test_a_file_name_that_might_name_a_person_is_not_kept(crm: Source) -> None:
    named = begin_batch(
        source=crm, permission=PermissionKind.CUSTOMER, file_name="viennit/maija@esimerkki.fi.csv", actor=OPERATOR
    )
    assert named.file_name == ""
    discard_batch(batch=named, actor=OPERATOR)
    plain = begin_batch(source=crm, permission=PermissionKind.CUSTOMER, file_name="C:\\x\\vienti.csv", actor=OPERATOR)
    assert plain.file_name == "vienti.csv"
