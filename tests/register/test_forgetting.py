from __future__ import annotations

from collections.abc import Callable

import pytest

from luvalla.ledger import erasures
from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.erasures import Operation
from luvalla.ledger.vault import sealer
from luvalla.register import stop
from luvalla.register.forgetting import forget, forget_token_after_source_confirmed
from luvalla.register.models import Contact, Forgetting, Prohibition, Source, SourceNotice, Suppression
from luvalla.register.queries import is_suppressed
from luvalla.register.source_notices import fetch_notices, handle_notices
from luvalla.rules.address import normalise
from luvalla.rules.purposes import Prohibited

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("barrier")]
Bring = Callable[[str], Contact]
MAIJA = normalise("maija@esimerkki.fi")


def confirm(source: Source) -> None:
    """Have the source handle its notices."""
    fetch_notices(source=source, reason="for the customer system", actor=SYSTEM)
    refs = list(SourceNotice.objects.values_list("ref", flat=True))
    handle_notices(source=source, refs=refs, actor=SYSTEM)


def test_the_token_goes_once_the_source_has_confirmed(register_address: Bring, crm: Source) -> None:
    register_address(MAIJA.text)
    stop.prohibit(address=MAIJA, kinds=Prohibited.RESEARCH, channel="desk", actor=SYSTEM)
    confirm(crm)
    answer = forget(address=MAIJA, channel="desk", actor=SYSTEM)
    assert (answer.finished, answer.waits_for_sources) == (True, 1)
    assert is_suppressed(MAIJA)
    assert forget_token_after_source_confirmed() == 0

    confirm(crm)
    assert forget_token_after_source_confirmed() == 1

    assert not Suppression.objects.exists()
    assert not Prohibition.objects.exists()
    assert bytes(Forgetting.objects.get().folded) == b""
    assert [line.entry.operation for line in erasures.read_lines()][-3:] == [
        Operation.ERASE, Operation.SUPPRESS, Operation.FORGET,
    ]  # fmt: skip
    assert forget_token_after_source_confirmed() == 0


def test_a_notice_that_ran_out_unhandled_confirms_nothing(register_address: Bring) -> None:
    register_address(MAIJA.text)
    forget(address=MAIJA, channel="desk", actor=SYSTEM)
    SourceNotice.objects.all().delete()
    assert forget_token_after_source_confirmed() == 0
    assert is_suppressed(MAIJA)


def test_without_a_source_to_wait_for_the_token_goes_at_once() -> None:
    answer = forget(address=MAIJA, channel="web", actor=SUBJECT)
    assert (answer.finished, answer.waits_for_sources) == (True, 0)
    assert not is_suppressed(MAIJA)


def test_somebody_who_came_back_meanwhile_is_not_touched(register_address: Bring, crm: Source) -> None:
    register_address(MAIJA.text)
    forget(address=MAIJA, channel="desk", actor=SYSTEM)
    Suppression.objects.all().delete()
    contact = register_address(MAIJA.text)
    stop.prohibit(address=MAIJA, kinds=Prohibited.RESEARCH, channel="desk", actor=SYSTEM)
    confirm(crm)
    assert forget_token_after_source_confirmed() == 1
    assert Contact.objects.get() == contact
    assert Prohibition.objects.filter(folded=sealer().folded_token(MAIJA)).exists()
