from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT, person
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.register import stop
from luvalla.register.models import Contact, Source, SourceNotice
from luvalla.register.queries import prohibited_kinds
from luvalla.register.source_notices import (
    address_of,
    fetch_notices,
    handle_notices,
    note_for_source,
    open_notices,
)
from luvalla.register.tasks import expire
from luvalla.rules.address import normalise
from luvalla.rules.purposes import Prohibited
from luvalla.rules.retention import SOURCE_NOTICE
from tests.register.conftest import PatientBarrier

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
CLERK = person("c1e2")


def fetched(source: Source) -> list[list[str]]:
    return list(
        csv.reader(
            io.StringIO(
                fetch_notices(source=source, reason="for the customer system", actor=CLERK).removeprefix("\ufeff")
            )
        )
    )


def test_notices_are_fetched_as_a_table_with_a_row_in_the_ledger(
    register_address: Bring, crm: Source, barrier: PatientBarrier
) -> None:
    for each in ("maija@esimerkki.fi", "=matti@esimerkki.fi"):
        register_address(each)
        stop.withdraw(address=normalise(each), channel="web", actor=SUBJECT)
    register_address("liisa@esimerkki.fi")
    both = Prohibited.RESEARCH | Prohibited.DISCLOSURE
    stop.prohibit(address=normalise("liisa@esimerkki.fi"), kinds=both, channel="web", actor=SUBJECT)
    heading, *rows = fetched(crm)
    assert heading == ["notice", "address", "kind", "prohibited", "since", "corrected"]
    assert [row[1:4] for row in rows] == [
        ["maija@esimerkki.fi", "withdrawal", ""],
        ["'=matti@esimerkki.fi", "withdrawal", ""],
        ["liisa@esimerkki.fi", "prohibition", "research disclosure"],
    ]
    row = LedgerRow.objects.get(verb="register.fetch_notices")
    assert (row.actor, row.facts, row.subject_ref) == ("person:c1e2", {"notices": 3}, "crm")
    assert SourceNotice.objects.filter(fetched_at=None).count() == 0


def test_a_handled_notice_lets_its_address_go(register_address: Bring, crm: Source, barrier: PatientBarrier) -> None:
    register_address("maija@esimerkki.fi")
    stop.withdraw(address=normalise("maija@esimerkki.fi"), channel="web", actor=SUBJECT)
    notice = open_notices(crm).get()
    assert handle_notices(source=crm, refs=[notice.ref], actor=CLERK) == 0
    fetched(crm)
    assert handle_notices(source=crm, refs=[notice.ref], actor=CLERK) == 1
    notice.refresh_from_db()
    assert (address_of(notice), bytes(notice.folded)) == ("", b"")
    assert notice.handled_at
    assert not open_notices().exists()
    assert fetched(crm)[1:] == []
    assert handle_notices(source=crm, refs=[notice.ref], actor=CLERK) == 0
    assert LedgerRow.objects.filter(verb="register.handle_notices").count() == 3


def test_a_source_gets_its_own_notices_only(
    register_address: Bring, crm: Source, sign_up: Source, barrier: PatientBarrier
) -> None:
    register_address("maija@esimerkki.fi")
    stop.withdraw(address=normalise("maija@esimerkki.fi"), channel="web", actor=SUBJECT)
    assert fetched(sign_up)[1:] == []
    assert not open_notices(sign_up).exists()
    assert open_notices().count() == 1


def test_a_suppressed_address_delivered_again_writes_one_notice_while_it_waits(crm: Source) -> None:
    def again() -> bool:
        return note_for_source(crm, address="maija@esimerkki.fi", folded=bytes(32), kind="withdrawal")

    assert [again(), again(), again()] == [True, False, False]
    fetched(crm)
    handle_notices(source=crm, refs=[SourceNotice.objects.get().ref], actor=CLERK)
    assert again()


def test_two_spellings_of_a_mailbox_are_two_notices(crm: Source) -> None:
    for address in ("maija@esimerkki.fi", "maija+x@esimerkki.fi"):
        assert note_for_source(crm, address=address, folded=bytes(32), kind="withdrawal")


def test_the_prohibition_of_a_stranger_goes_to_every_source_and_leaves_only_a_token_and_sealed_notices(
    crm: Source, sign_up: Source, barrier: PatientBarrier
) -> None:
    for kinds in (Prohibited.DISTANCE_SELLING, Prohibited.DISTANCE_SELLING):
        answer = stop.prohibit(address=normalise("Tuntematon@esimerkki.fi"), kinds=kinds, channel="form", actor=SUBJECT)
    assert (answer.was_known, answer.finished) == (False, True)
    assert [row[1:4] for row in fetched(crm)[1:]] == [["tuntematon@esimerkki.fi", "prohibition", "distance_selling"]]
    assert not open_notices(sign_up).exists()
    assert not Contact.objects.exists()
    assert b"tuntematon" not in bytes(SourceNotice.objects.get().sealed)
    with time_machine.travel(timezone.now() + SOURCE_NOTICE + timedelta(days=1)):
        expire()
    assert not SourceNotice.objects.exists(), "what nobody fetched has its end"
    assert prohibited_kinds(sealer().folded_token(normalise("tuntematon@esimerkki.fi"))) == Prohibited.DISTANCE_SELLING


def test_a_prohibition_goes_to_a_source_that_the_contact_did_not_come_from(
    register_address: Bring, crm: Source, barrier: PatientBarrier
) -> None:
    names = {f"name_{each}": "Shop" for each in ("fi", "sv", "en")}
    shop = Source.objects.create(key="shop", default_audience=crm.default_audience, **names)
    register_address("maija@esimerkki.fi")
    stop.prohibit(
        address=normalise("maija@esimerkki.fi"), kinds=Prohibited.DISTANCE_SELLING, channel="web", actor=SUBJECT
    )
    assert [len(fetched(each)) - 1 for each in (crm, shop)] == [1, 1]
    stop.withdraw(address=normalise("maija@esimerkki.fi"), channel="web", actor=SUBJECT)
    assert [len(fetched(each)) - 1 for each in (crm, shop)] == [2, 1], "an erasure is the matter of its own source"


def test_a_companys_prohibition_is_passed_on_as_its_domain(crm: Source, barrier: PatientBarrier) -> None:
    for _ in range(2):
        stop.stop_company(domain="yritys.example.com", channel="desk", actor=CLERK)
    forbids = "direct_advertising distance_selling direct_marketing"
    assert [row[1:4] for row in fetched(crm)[1:]] == [["yritys.example.com", "company_domain", forbids]]
    assert b"yritys" not in bytes(SourceNotice.objects.get().sealed)
    handle_notices(source=crm, refs=[SourceNotice.objects.get().ref], actor=CLERK)
    assert bytes(SourceNotice.objects.get().sealed) == b""
