"""Prohibitions of marketing that a source tells of: staged, written with the flip, and lifted by the person alone."""

from __future__ import annotations

import pytest

from luvalla.ledger import erasures, vault
from luvalla.ledger.actors import OPERATOR, SUBJECT, SYSTEM
from luvalla.ledger.erasures import Entry, Operation
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.rekeying import rekey_tokens
from luvalla.ledger.vault import keyring, sealer
from luvalla.organisation.models import Purpose
from luvalla.register import actions, stop
from luvalla.register.forgetting import remove_tokens
from luvalla.register.holdings import REGISTER
from luvalla.register.importing import prohibiting
from luvalla.register.importing.actions import apply_batch, discard_batch
from luvalla.register.importing.clearing import clear_batch, drop_stopped
from luvalla.register.importing.settling import settle_batch
from luvalla.register.models import Batch, Prohibition, Source, StagedProhibition
from luvalla.register.queries import find_contact, prohibited_kinds
from luvalla.register.rectification import rectify
from luvalla.rules.address import Address, normalise
from luvalla.rules.ports import Person
from luvalla.rules.purposes import MARKETING, PermissionKind, Prohibited
from tests.register.conftest import PatientBarrier
from tests.register.importing.conftest import Bring, Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("barrier")]
MAIJA, VILLE, AINO = (normalise(f"{each}@esimerkki.fi") for each in ("maija", "ville", "aino"))
HEADER = "sähköposti;markkinointikielto\n"


def folded(address: Address) -> bytes:
    return sealer().folded_token(address)


def forbidden(address: Address) -> Prohibited:
    return prohibited_kinds(folded(address))


def table(*rows: tuple[Address, str]) -> str:
    return HEADER + "".join(f"{address.text};{said}\n" for address, said in rows)


def counts(batch: Batch) -> tuple[int, int, int]:
    """Tell the rows that forbid, the mailboxes newly forbidden, and those that have subscribed."""
    return batch.counts["prohibited"], batch.counts["forbidden"], batch.counts["subscribed"]


def subscribe(address: Address, source: Source, *purposes: str) -> None:
    actions.add_permission(
        address=address, kind=PermissionKind.CONSENT, source=source, audience=source.default_audience,
        purposes=purposes, proof={"wording": "Yes"}, lifts_suppression=True, actor=SUBJECT,
    )  # fmt: skip


@pytest.fixture
def purposes(db: None) -> None:
    """Have two purposes, each with its own ban."""
    for key, kind in (("news", Prohibited.DIRECT_MARKETING), ("offers", Prohibited.DISTANCE_SELLING)):
        names = {f"name_{language}": key for language in ("fi", "sv", "en")}
        Purpose.objects.create(key=key, forbidden_by=int(kind), is_marketing=True, **names)


def test_who_is_flagged_is_imported_and_forbidden_from_the_flip_on(stage: Stage) -> None:
    batch = stage(table((MAIJA, "x"), (VILLE, "ei"), (AINO, "")))
    assert counts(batch) == (1, 1, 0)
    assert not Prohibition.objects.exists()
    settle_batch(apply_batch(batch=batch, actor=OPERATOR))
    assert find_contact(MAIJA) is not None
    assert [forbidden(each) for each in (MAIJA, VILLE, AINO)] == [MARKETING, Prohibited.NOTHING, Prohibited.NOTHING]
    assert not StagedProhibition.objects.exists()
    assert list(erasures.read_lines())[-1].entry == Entry(Operation.PROHIBIT, (folded(MAIJA),), str(int(MARKETING)))
    told = LedgerRow.objects.get(verb="register.apply_batch").facts["counts"]
    assert (told["prohibited"], told["forbidden"]) == (1, 1)


def test_the_flag_of_a_duplicate_line_counts(bring: Bring) -> None:
    batch = bring(
        "sähköposti;markkinointikielto\nmaija@esimerkki.fi;\nMaija+x@esimerkki.fi;kyllä\nmaija@esimerkki.fi;1\n"
    )
    assert counts(batch) == (2, 1, 0)
    assert forbidden(MAIJA) == MARKETING


def test_any_of_several_columns_forbids(bring: Bring) -> None:
    batch = bring(
        "emailaddress1;donotbulkemail;donotemail\n"
        "maija@esimerkki.fi;Allow;Do Not Allow\nville@esimerkki.fi;Do Not Allow;Allow\naino@esimerkki.fi;Allow;Allow\n"
    )
    assert batch.reading["kept"] == ["emailaddress1", "donotbulkemail", "donotemail"]
    assert [forbidden(each) for each in (MAIJA, VILLE, AINO)] == [MARKETING, MARKETING, Prohibited.NOTHING]


def test_another_night_stages_nothing_and_a_flag_that_goes_lifts_nothing(stage: Stage, bring: Bring) -> None:
    bring(table((MAIJA, "x")))
    lines = len(list(erasures.read_lines()))
    batch = stage(table((MAIJA, "x")))
    assert counts(batch) == (1, 0, 0)
    assert not StagedProhibition.objects.exists()
    apply_batch(batch=batch, actor=OPERATOR)
    bring(table((MAIJA, "")))
    assert forbidden(MAIJA) == MARKETING
    assert len(list(erasures.read_lines())) == lines


def test_what_was_forbidden_otherwise_is_kept(bring: Bring) -> None:
    stop.prohibit(address=MAIJA, kinds=Prohibited.RESEARCH, channel="desk", actor=SYSTEM)
    since = Prohibition.objects.get().since
    bring(table((MAIJA, "x"), (VILLE, "x")))
    assert (forbidden(MAIJA), forbidden(VILLE)) == (MARKETING | Prohibited.RESEARCH, MARKETING)
    assert Prohibition.objects.get(folded=folded(MAIJA)).since == since
    written = {line.entry.tokens: line.entry.value for line in erasures.read_lines()}
    assert written[(folded(MAIJA),)] == str(int(MARKETING | Prohibited.RESEARCH))


@pytest.mark.usefixtures("purposes")
def test_what_somebody_subscribed_to_is_not_forbidden(stage: Stage, sign_up: Source) -> None:
    subscribe(MAIJA, sign_up, "news")
    subscribe(VILLE, sign_up, "news", "offers")
    batch = stage(table((MAIJA, "x"), (VILLE, "x"), (AINO, "x")))
    assert counts(batch) == (3, 3, 2)
    subscribe(AINO, sign_up, "offers")
    settle_batch(apply_batch(batch=batch, actor=OPERATOR))
    assert forbidden(MAIJA) == MARKETING & ~Prohibited.DIRECT_MARKETING
    assert forbidden(VILLE) == Prohibited.DIRECT_ADVERTISING
    assert forbidden(AINO) == MARKETING & ~Prohibited.DISTANCE_SELLING


def test_a_consent_that_the_source_tells_of_is_no_subscription(bring: Bring) -> None:
    content = table((MAIJA, "x"))
    batch = bring(content, permission=PermissionKind.CONSENT, purposes=("news",))
    assert counts(batch) == (1, 1, 0)
    assert forbidden(MAIJA) == MARKETING


def test_suppressed_refused_and_restricted_rows_are_left_alone(bring: Bring) -> None:
    bring(table((MAIJA, ""), (VILLE, "")))
    stop.withdraw(address=MAIJA, channel="link", actor=SUBJECT)
    stop.restrict(address=VILLE, reason="accuracy", channel="desk", actor=SYSTEM)
    batch = bring(table((MAIJA, "x"), (VILLE, "x"), (AINO, "")) + "ei osoite;x\n")
    assert counts(batch) == (2, 0, 0)
    assert not Prohibition.objects.exists()


@pytest.mark.parametrize("stopping", ["withdraw", "restrict", "company"])
def test_whoever_stops_before_the_flip_leaves_no_token(stage: Stage, stopping: str) -> None:
    batch = stage(table((MAIJA, "x"), (normalise("ville@toinen.example"), "x")))
    if stopping == "withdraw":
        stop.withdraw(address=MAIJA, channel="link", actor=SUBJECT)
        assert StagedProhibition.objects.count() == 1
    elif stopping == "restrict":
        stop.restrict(address=MAIJA, reason="accuracy", channel="desk", actor=SYSTEM)
    else:
        stop.stop_company(domain="esimerkki.fi", channel="desk", actor=OPERATOR)
    drop_stopped(batch)
    assert StagedProhibition.objects.count() == 1
    apply_batch(batch=batch, actor=OPERATOR)
    assert Prohibition.objects.count() == 1
    assert forbidden(MAIJA) == Prohibited.NOTHING


def test_whoever_is_wholly_forgotten_leaves_no_token(stage: Stage) -> None:
    stage(table((MAIJA, "x")))
    assert remove_tokens(folded(MAIJA)) == 1
    assert not StagedProhibition.objects.exists()


def test_erasing_several_mailboxes_takes_what_is_staged(stage: Stage) -> None:
    stage(table((MAIJA, "x"), (VILLE, "x"), (AINO, "")))
    people = [Person(folded(each)) for each in (MAIJA, VILLE, AINO)]
    assert [kind for kind in (each.kind for each in REGISTER.find(people[0])) if "staged" in kind] == [
        "staged_prohibition"
    ]
    assert REGISTER.erase_together(people) == [3, 3, 2]
    assert not StagedProhibition.objects.exists()


def test_a_correction_takes_along_what_is_staged(stage: Stage, bring: Bring) -> None:
    bring(table((MAIJA, ""), (VILLE, "")))
    batch = stage(table((MAIJA, "x"), (VILLE, "")))
    rectify(address=MAIJA, to=AINO, channel="desk", actor=SYSTEM)
    apply_batch(batch=batch, actor=OPERATOR)
    assert (forbidden(MAIJA), forbidden(AINO)) == (Prohibited.NOTHING, MARKETING)


def test_a_discarded_import_leaves_nothing(stage: Stage) -> None:
    batch = stage(table((MAIJA, "x"), (VILLE, "x")))
    assert StagedProhibition.objects.count() == 2
    clear_batch(discard_batch(batch=batch, actor=OPERATOR))
    assert not StagedProhibition.objects.exists()
    assert not Prohibition.objects.exists()
    assert find_contact(MAIJA) is None


def test_a_ledger_of_erasures_that_cannot_be_written_keeps_the_import_from_counting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = stage(table((MAIJA, "x")))

    def fail(entries: object) -> int:
        del entries
        raise ErasuresUnwritable

    monkeypatch.setattr(prohibiting.erasures, "append", fail)
    with pytest.raises(ErasuresUnwritable):
        apply_batch(batch=batch, actor=OPERATOR)
    batch.refresh_from_db()
    assert batch.state == Batch.State.STAGED
    assert not Prohibition.objects.exists()


def test_what_is_staged_counts_under_a_new_key(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    check_keys()
    batch = stage(table((MAIJA, "x")))
    monkeypatch.setenv("LUVALLA_KEYS", keyring().with_new_token_key().to_json())
    vault.forget_keys()
    try:
        rekey_tokens(actor=OPERATOR)
        apply_batch(batch=batch, actor=OPERATOR)
        assert forbidden(MAIJA) == MARKETING
    finally:
        monkeypatch.undo()
        vault.forget_keys()


def test_many_mailboxes_take_lines_that_can_be_read_back(bring: Bring, barrier: PatientBarrier) -> None:
    del barrier
    many = [normalise(f"asiakas{number}@esimerkki.fi") for number in range(1201)]
    bring(table(*((each, "x") for each in many)))
    tokens = [token for line in erasures.read_lines() for token in line.entry.tokens]
    assert set(tokens) == {folded(each) for each in many}
    stop.withdraw(address=many[0], channel="link", actor=SUBJECT)
    assert list(erasures.read_lines())[-1].entry.operation is Operation.SUPPRESS
