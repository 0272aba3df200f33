"""G4: two people share a mailbox; the letters stop for both, and neither gets what the other has written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from luvalla.register.models import Contact
from luvalla.register.queries import prohibited_kinds
from luvalla.rights import collecting
from luvalla.rights.actions.decisions import decide, give_opinion, propose
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.steps import begin_at_once, collect, triage
from luvalla.rights.collecting import withhold
from luvalla.rights.copies.gathering import gather
from luvalla.rights.letters.texts import texts
from luvalla.rights.models import DataRequest, Decision
from luvalla.rules.case_states import Right
from luvalla.rules.ports import Found, Holding, Person, Registry, holdings
from luvalla.rules.purposes import Prohibited
from tests.support.pdf import text_of
from tests.support.requests import Desk, add_customer, answer_paper, ask, let_arrive, mails, make_desk, work
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db
SHARED = "perhe@esimerkki.fi"
LETTERS = ("Hei, osoitteeni on muuttunut. Terveisin Aatu", "Laskuni on väärin. Terveisin Bertta Malli")


class TwoLetters(Holding):
    """A store with a letter of each of the two."""

    name = "correspondence"
    models = ()
    retention = "as long as the test"

    def find(self, person: Person) -> list[Found]:
        """Give both."""
        del person
        at = datetime(2026, 11, 1, tzinfo=UTC)
        return [Found("reply", f"{number}", at, {"text": text}) for number, text in enumerate(LETTERS)]

    def erase(self, person: Person) -> int:
        """Nothing is erased here."""
        del person
        return 0


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


@pytest.fixture
def family(world: World, monkeypatch: pytest.MonkeyPatch) -> Contact:
    stores: Registry[Holding] = Registry("holding")
    for each in (*holdings, TwoLetters()):
        stores.register(each.name, each)
    monkeypatch.setattr(collecting, "holdings", stores)
    return add_customer(world, SHARED)


def test_g4_when_one_withdraws_letters_stop_for_the_address_and_the_answer_says_so(desk: Desk, family: Contact) -> None:
    request = ask(Right.OBJECTION, address=SHARED, proved=False)
    assert begin_at_once(request=request)
    work()
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(family.folded))
    assert "markkinointikirjeitä" in mails("rights_acknowledgement")[0]
    let_arrive()
    request.refresh_from_db()
    assert request.state == "closed"


def test_g4_the_copy_for_one_leaves_out_what_the_other_wrote_and_says_why(desk: Desk, family: Contact) -> None:
    request = ask(Right.ACCESS, address=SHARED, name="Aatu Malli")
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    search = request.searches.get(store="correspondence")
    withhold(search=search, number=1, note="Toisen kirje", actor=desk.handler)
    answer_paper(request, desk.custodian)

    propose(
        request=request,
        outcome=Decision.Outcome.PARTIAL,
        ground="others_rights",
        facts="Samaa osoitetta käyttää kaksi ihmistä.",
        reasons="Toisen ihmisen kirje kertoisi hänestä.",
        instead="Kaikki muu annetaan.",
        actor=desk.handler,
    )
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    decide(request=request, actor=desk.owner)
    copy = gather(DataRequest.objects.get())
    work()

    stores = {each["store"]: each["items"] for each in copy["stores"]}
    assert stores["register"][0]["content"]["address"] == SHARED
    assert [each.get("withheld", False) for each in stores["correspondence"]] == [False, True]
    assert "Bertta" not in str(copy)
    letter = request.letters.get(kind="partial")
    said = text_of(pdf_of(letter))
    words = texts("fi")
    assert "Toisen ihmisen kirje kertoisi hänestä." in said
    assert words["names"]["reasons"] in said
    for named in ("77 artikla", "79 artikla", "12 artiklan 5 kohta", "15 artiklan 4 kohta"):
        assert named in said
