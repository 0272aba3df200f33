"""A person's time with an account: appointed, employed, signed, countersigned, reviewed, gone, forgotten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.erasures import Entry, Operation, read_lines
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.actions import record_processor
from luvalla.organisation.models import BalancingTest, Purpose
from luvalla.people.actions import Appointment, appoint, close_account, record_undertaking
from luvalla.people.employers import mailboxes, record_employer, record_mailbox, remove_mailbox, set_mailbox_users
from luvalla.people.errors import (
    HasLeft,
    NoSuchUse,
    NotAnEmployer,
    NotPaper,
    NotTheirName,
    OwnSignature,
    ReviewOpen,
    TextInForce,
    UndertakingMissing,
    WeakPassword,
)
from luvalla.people.models import (
    AccessReview,
    AccessReviewLine,
    Employer,
    ReadingAlarm,
    Release,
    Session,
    Undertaking,
    User,
)
from luvalla.people.names import FORGOTTEN
from luvalla.people.queries import Closed, accounts, accounts_standing_open, why_closed
from luvalla.people.releases import ask_for_release
from luvalla.people.retention import KEEPINGS, KEPT, end_shut_sessions, forget_leavers
from luvalla.people.reviews import begin_review, decide_on, is_as_signed, is_review_due, sign_review, undecided
from luvalla.people.undertakings import countersign, keep_scan, open_scan, publish_text, without_countersignature
from luvalla.people.versions import current_text
from luvalla.rules.retention import ACCESS_LOG
from tests.people.conftest import MakePerson

pytestmark = pytest.mark.django_db
TEXTS = {"fi": "Lupaan.", "sv": "Jag lovar.", "en": "I promise."}


def closed(user: User) -> Closed | None:
    """Tell why the account is shut, by both spellings of the rule."""
    reason = why_closed(accounts().get(pk=user.pk))
    assert accounts_standing_open().filter(pk=user.pk).exists() is (reason is None)
    return reason


def test_an_appointment_ends_by_time_passing_and_is_renewed_by_name(aino: User) -> None:
    today = timezone.localdate()
    appoint(user=aino, appointment=Appointment("Katariina Holm", "Kirjeet", today, today), actor=OPERATOR)
    assert closed(aino) is None
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert closed(aino) is Closed.APPOINTMENT_ENDED
        appoint(user=aino, appointment=Appointment("Katariina Holm", "Kirjeet"), actor=OPERATOR)
        assert closed(aino) is None
    assert LedgerRow.objects.filter(verb="people.appoint").count() == 2


def test_without_a_name_it_is_the_controller_who_appoints(aino: User) -> None:
    assert aino.appointed_by == "Esimerkki Energia Oy"
    assert aino.appointed_on == timezone.localdate()


def test_a_processors_contract_that_ends_shuts_its_people(make_person: MakePerson) -> None:
    details = {"name": "Posti Oy", "role": "Relay", "country": "FI", "contract_reference": "DPA-1"}
    until = timezone.localdate() + timedelta(days=10)
    processor = record_processor(
        details={**details, "contract_from": date(2026, 1, 1), "contract_until": until}, actor=OPERATOR
    )
    employer = record_employer(name="Posti Oy", kind=Employer.PROCESSOR, processor=processor, actor=OPERATOR)
    maija = make_person("Maija Malli", "clerk", employer=employer)
    assert closed(maija) is None
    Session.objects.create(
        session_key="k", session_data="", expire_date=timezone.now() + timedelta(days=30), user=maija
    )
    assert end_shut_sessions() == 0
    with time_machine.travel(timezone.now() + timedelta(days=11)):
        assert closed(maija) is Closed.CONTRACT_ENDED
        assert end_shut_sessions() == 1


def test_a_partner_needs_a_contract() -> None:
    with pytest.raises(NotAnEmployer):
        record_employer(name="Viestintä Oy", kind=Employer.PARTNER, actor=OPERATOR)
    with pytest.raises(NotAnEmployer):
        record_employer(name="", kind=Employer.CONTROLLER, actor=OPERATOR)
    partner = record_employer(name="Viestintä Oy", kind=Employer.PARTNER, contract_reference="DPA-7", actor=OPERATOR)
    again = record_employer(name="viestintä oy", kind=Employer.PARTNER, contract_reference="DPA-8", actor=OPERATOR)
    assert (again.pk, again.contract_reference) == (partner.pk, "DPA-8")


def test_whoever_leaves_is_shut_for_good_and_cannot_sign_their_way_back(aino: User) -> None:
    close_account(user=aino, reason="Toisiin tehtäviin", actor=OPERATOR)
    assert closed(aino) is Closed.LEFT
    with pytest.raises(HasLeft):
        record_undertaking(user=aino, typed_name=aino.full_name, language="fi", actor=OPERATOR)
    Undertaking.objects.update(valid_until=timezone.now() - timedelta(days=1))
    assert closed(aino) is Closed.LEFT


def closings_of(user: User) -> int:
    """Count the lines of the ledger of erasures that shut the account in whatever backup is put back."""
    return sum(each.entry == Entry(Operation.CLOSE, (), value=str(user.ref)) for each in read_lines())


def test_a_leaver_of_a_day_to_come_works_until_then(aino: User) -> None:
    close_account(user=aino, reason="x", left_on=timezone.localdate() + timedelta(days=5), actor=OPERATOR)
    assert closed(aino) is None
    end_shut_sessions()
    assert closings_of(aino) == 0
    with time_machine.travel(timezone.now() + timedelta(days=5)):
        assert closed(aino) is Closed.LEFT
        end_shut_sessions()
        end_shut_sessions()
    assert closings_of(aino) == 1, "a backup of an earlier day shuts the account, too"
    assert LedgerRow.objects.get(verb="people.shut_leaver").actor == "system"


def sign_a_review(reviewer: User, other: User) -> AccessReview:
    """Have a review decide on one account, and sign it."""
    review = begin_review(reviewer=reviewer)
    decide_on(review=review, user=other, decision=AccessReviewLine.CONFIRMED, by=reviewer)
    return sign_review(review=review, typed_name=reviewer.full_name, by=reviewer)


def test_three_years_after_leaving_nothing_is_kept_but_a_random_ref(aino: User) -> None:
    close_account(user=aino, reason="x", actor=OPERATOR)
    with time_machine.travel(timezone.now() + timedelta(days=3 * 365 - 1)):
        assert forget_leavers() == 0
    with time_machine.travel(timezone.now() + timedelta(days=3 * 365 + 3)):
        assert forget_leavers() == 1
        assert forget_leavers() == 0
    aino.refresh_from_db()
    assert not Undertaking.objects.exists()
    assert "Aino" not in f"{aino.full_name}{aino.username}{aino.email}{aino.appointed_by}"


def test_a_leavers_name_goes_from_everywhere_it_stands_and_a_signed_review_stays_as_signed(
    aino: User, make_person: MakePerson
) -> None:
    maija = make_person("Maija Malli")
    countersign(undertaking=maija.undertaking, by=aino)
    appoint(user=maija, appointment=Appointment("Aino Salmela", "Kirjeet"), actor=OPERATOR)
    signed, changed = sign_a_review(aino, maija), sign_a_review(aino, maija)
    changed.lines.update(decision="closed")
    purpose = Purpose.objects.create(key="x", name_fi="x", name_sv="x", name_en="x")
    test = BalancingTest.objects.create(
        purpose=purpose, interest="x", confirmed_by="aino salmela", approved_at=timezone.now(),
        expires_at=timezone.now(),
    )  # fmt: skip
    old = signed.record_hash
    close_account(user=aino, reason="x", actor=OPERATOR)
    with time_machine.travel(timezone.now() + KEPT + timedelta(days=2)):
        assert forget_leavers() == 1
    for each in (signed, changed, test, maija):
        each.refresh_from_db()
    maija.undertaking.refresh_from_db()
    ref = str(aino.ref)
    assert (maija.undertaking.countersigned_by, maija.appointed_by, test.confirmed_by) == (ref, ref, ref)
    assert (signed.typed_name, is_as_signed(signed), is_as_signed(changed)) == ("", True, False)
    row = LedgerRow.objects.filter(verb="people.forget_signature").order_by("pk").first()
    assert row.facts == {"before": old, "hash": signed.record_hash}
    everything = str([list(each.objects.values()) for each in (User, Undertaking, AccessReview, BalancingTest)])
    assert "salmela" not in everything.casefold()


def test_a_name_that_somebody_else_has_too_stays_until_they_are_gone(aino: User, make_person: MakePerson) -> None:
    maija = make_person("Maija Malli")
    countersign(undertaking=maija.undertaking, by=aino)
    User.objects.filter(pk=maija.pk).update(full_name="Aino Salmela")
    close_account(user=aino, reason="x", actor=OPERATOR)
    with time_machine.travel(timezone.now() + KEPT + timedelta(days=2)):
        assert forget_leavers() == 1
    maija.undertaking.refresh_from_db()
    assert maija.undertaking.countersigned_by == "Aino Salmela"


def test_a_name_left_on_a_review_by_somebody_forgotten_long_ago_goes_too(aino: User, make_person: MakePerson) -> None:
    review = sign_a_review(aino, make_person("Maija Malli"))
    User.objects.filter(pk=aino.pk).update(email=f"{aino.ref}@{FORGOTTEN}", full_name=str(aino.ref))
    (leavers,) = [each for each in KEEPINGS if each.name == "leavers"]
    assert leavers.overdue(timezone.now()) == 1
    assert forget_leavers() == 1
    review.refresh_from_db()
    assert (review.typed_name, is_as_signed(review), leavers.overdue(timezone.now())) == ("", True, 0)


def test_releases_and_alarms_go_with_the_looks_they_are_about(aino: User) -> None:
    ask_for_release(
        verb="register.export_contacts", subject=Subject("audience", "x"), count=500, purpose="supervision",
        reason="a sample", by=aino,
    )  # fmt: skip
    ReadingAlarm.objects.create(user=aino, day=timezone.localdate(), seen=90, usual=4, limit=30)
    later = timezone.now() + ACCESS_LOG + timedelta(days=1)
    kept = [each for each in KEEPINGS if each.name in {"releases", "reading_alarms"}]
    assert [each.overdue(timezone.now()) for each in kept] == [0, 0]
    assert [each.overdue(later) for each in kept] == [1, 1]
    assert [each.let_go(later) for each in kept if each.let_go] == [1, 1]
    assert (Release.objects.count(), ReadingAlarm.objects.count()) == (0, 0)


def test_what_sign_in_kept_of_a_person_is_forgotten_with_them(aino: User) -> None:
    EmailAddress.objects.create(user=aino, email=aino.email, verified=True)
    SocialAccount.objects.create(user=aino, provider="directory", uid="aino@directory.example")
    Authenticator.objects.create(user=aino, type=Authenticator.Type.TOTP, data={})
    close_account(user=aino, reason="work ended", actor=OPERATOR)
    with time_machine.travel(timezone.now() + KEPT + timedelta(days=2)):
        assert forget_leavers() == 1
    assert [each.objects.count() for each in (EmailAddress, SocialAccount, Authenticator)] == [0, 0, 0]


@pytest.mark.parametrize("ended", ["appointment", "contract"])
def test_three_years_run_from_the_end_of_the_work_also_where_nobody_recorded_that_the_person_left(
    ended: str, make_person: MakePerson
) -> None:
    today = timezone.localdate()
    employer = record_employer(name="Kumppani Oy", kind=Employer.PARTNER, contract_reference="K-1", actor=OPERATOR)
    ville = make_person("Ville Virta", employer=employer)
    aino = make_person()
    box = record_mailbox(address="vastaukset@esimerkki.fi", kind="replies", note="", actor=OPERATOR)
    set_mailbox_users(mailbox=box, users=[ville], actor=OPERATOR)
    if ended == "appointment":
        appoint(user=ville, appointment=Appointment("Katariina Holm", "Kirjeet", until=today), actor=OPERATOR)
    else:
        record_employer(
            name="Kumppani Oy", kind=Employer.PARTNER, contract_reference="K-1", contract_until=today, actor=OPERATOR
        )
    with time_machine.travel(timezone.now() + KEPT):
        assert forget_leavers() == 0
    with time_machine.travel(timezone.now() + KEPT + timedelta(days=2)):
        assert forget_leavers() == 1
        assert forget_leavers() == 0
    ville.refresh_from_db()
    aino.refresh_from_db()
    assert ("Ville" in ville.full_name, "Aino" in aino.full_name) == (False, True)
    assert not box.users.exists()


def test_whoever_signs_between_the_publishing_and_the_first_day_signs_again(aino: User) -> None:
    start = timezone.localdate() + timedelta(days=10)
    publish_text(version="2", texts=TEXTS, in_force_from=start, grace_days=14, actor=OPERATOR)
    record_undertaking(user=aino, typed_name="Aino Salmela", language="en", actor=OPERATOR)
    assert aino.undertaking is not None
    assert aino.undertaking.text.version == "1"
    with time_machine.travel(timezone.now() + timedelta(days=25)):
        assert closed(aino) is Closed.UNDERTAKING_EXPIRED


def test_paper_counts_for_the_text_of_its_day_and_no_longer_than_that(make_person: MakePerson) -> None:
    aino, now = make_person(signed=False), timezone.now()
    publish_text(version="2", texts=TEXTS, in_force_from=timezone.localdate(), grace_days=14, actor=OPERATOR)
    with time_machine.travel(now + timedelta(days=3)):
        before, after = now - timedelta(days=5), now + timedelta(days=1)
        for signed_at, version in ((before, "1"), (after, "2")):
            record_undertaking(user=aino, typed_name="Aino Salmela", language="fi", signed_at=signed_at, actor=OPERATOR)
            assert aino.undertaking is not None
            assert aino.undertaking.text.version == version
            assert closed(aino) is None
            assert (aino.undertaking.valid_until < now + timedelta(days=15)) is (version == "1")


def test_a_new_text_is_signed_within_its_grace_or_the_account_shuts(aino: User) -> None:
    start = timezone.localdate() + timedelta(days=10)
    publish_text(version="2", texts=TEXTS, in_force_from=start, grace_days=14, actor=OPERATOR)
    assert current_text().version == "1"
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert current_text().version == "2"
        assert closed(aino) is None
    with time_machine.travel(timezone.now() + timedelta(days=25)):
        assert closed(aino) is Closed.UNDERTAKING_EXPIRED
        record_undertaking(user=aino, typed_name="Aino Salmela", language="en", actor=OPERATOR)
        assert closed(aino) is None
        assert aino.undertaking is not None
        assert aino.undertaking.text.version == "2"
    with pytest.raises(TextInForce):
        publish_text(version="2", texts=TEXTS, in_force_from=start, grace_days=14, actor=OPERATOR)
    with pytest.raises(TextInForce):
        publish_text(version="3", texts=TEXTS, in_force_from=date(2026, 1, 1), grace_days=14, actor=OPERATOR)


def test_an_undertaking_is_countersigned_by_another_named_person(aino: User, make_person: MakePerson) -> None:
    maija = make_person("Maija Malli", "administrator")
    assert aino.undertaking is not None
    assert aino.undertaking in without_countersignature()
    with pytest.raises(OwnSignature):
        countersign(undertaking=aino.undertaking, by=aino)
    countersign(undertaking=aino.undertaking, by=maija)
    assert aino.undertaking.countersigned_by == "Maija Malli"
    assert aino.undertaking not in without_countersignature()


def test_a_scan_of_paper_is_sealed_and_each_opening_is_a_row(aino: User) -> None:
    undertaking = aino.undertaking
    assert undertaking is not None
    with pytest.raises(UndertakingMissing):
        open_scan(undertaking=undertaking, actor=OPERATOR)
    for wrong in (b"<html>", b"%PDF-" + b"x" * (10 * 1024 * 1024)):
        with pytest.raises(NotPaper):
            keep_scan(undertaking=undertaking, scan=wrong, actor=OPERATOR)
    keep_scan(undertaking=undertaking, scan=b"%PDF-1.7 Aino", actor=OPERATOR)
    undertaking.refresh_from_db()
    assert b"Aino" not in bytes(undertaking.scan or b"")
    assert open_scan(undertaking=undertaking, actor=OPERATOR) == b"%PDF-1.7 Aino"
    assert undertaking.scan_type == "application/pdf"
    assert LedgerRow.objects.filter(verb="people.open_scan").count() == 1


def test_mailboxes_are_used_by_people_whose_accounts_stand_open(aino: User, make_person: MakePerson) -> None:
    box = record_mailbox(address="Uutiskirje@esimerkki.fi", kind="newsletter", note="Vastaukset", actor=OPERATOR)
    with pytest.raises(NoSuchUse):
        set_mailbox_users(mailbox=box, users=[make_person("Maija Malli", signed=False)], actor=OPERATOR)
    set_mailbox_users(mailbox=box, users=[aino], actor=OPERATOR)
    assert [str(each) for each in mailboxes()] == ["uutiskirje@esimerkki.fi"]
    close_account(user=aino, reason="x", actor=OPERATOR)
    assert not box.users.exists()
    remove_mailbox(mailbox=box, actor=OPERATOR)
    assert not mailboxes()


def test_a_review_decides_on_every_account_and_is_signed(aino: User, make_person: MakePerson) -> None:
    maija, matti = make_person("Maija Malli", "clerk"), make_person("Matti Malli", "custodian")
    assert not is_review_due()
    review = begin_review(reviewer=aino)
    assert begin_review(reviewer=maija).pk == review.pk
    with pytest.raises(OwnSignature):
        decide_on(review=review, user=aino, decision="confirmed", by=aino)
    decide_on(review=review, user=maija, decision="confirmed", by=aino)
    with pytest.raises(ReviewOpen):
        sign_review(review=review, typed_name="Aino Salmela", by=aino)
    decide_on(review=review, user=matti, decision="closed", by=aino)
    assert closed(matti) is Closed.LEFT
    with pytest.raises(NotTheirName):
        sign_review(review=review, typed_name="Joku Muu", by=aino)
    sign_review(review=review, typed_name="aino  salmela", by=aino)
    review.refresh_from_db()
    assert is_as_signed(review)
    assert list(undecided(review)) == [aino]
    with pytest.raises(ReviewOpen):
        decide_on(review=review, user=maija, decision="closed", by=aino)
    review.lines.update(decision="closed")
    assert not is_as_signed(review)
    with time_machine.travel(timezone.now() + timedelta(days=183)):
        assert is_review_due()


@pytest.mark.parametrize("guessable", ["ainosalmela1", "qwertyuiop123", "aino.salmela@esimerkki.fi", "Password2026!"])
def test_what_can_be_guessed_is_no_password(make_person: MakePerson, guessable: str) -> None:
    from luvalla.people.actions import set_password  # noqa: PLC0415  # beside its one use

    aino = make_person()
    with pytest.raises(WeakPassword):
        set_password(user=aino, password=guessable, actor=OPERATOR)


def test_the_database_itself_refuses_that_somebody_releases_their_own(aino: User) -> None:
    from luvalla.people.models import Release  # noqa: PLC0415  # beside its one use

    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(verb="x", count=1, asked_by=aino, decided_by=aino)
