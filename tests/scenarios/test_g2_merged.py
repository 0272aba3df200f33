"""G2, two that became one: a correction onto a known address leaves nothing of the wrong one behind in any store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger.actors import OPERATOR, SUBJECT, person
from luvalla.ledger.backups.locks import configured_lock, make_own_key
from luvalla.ledger.backups.making import make_backup
from luvalla.ledger.erasures import Line, Operation
from luvalla.ledger.replaying import replayers
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import Delivery, HardBounce, ServiceMessage
from luvalla.register.actions import add_permission
from luvalla.register.disclosee_notices import find_disclosees
from luvalla.register.models import Contact, DiscloseeNotice, SingleDisclosure
from luvalla.register.queries import find_contact
from luvalla.register.rectification import concerned, move, opened_correction, rectify
from luvalla.register.replaying import REPLAYERS
from luvalla.register.single_disclosures import given_in, note_disclosure
from luvalla.register.source_notices import corrected_address_of, open_notices
from luvalla.register.stop import withdraw
from luvalla.rules.address import Address, normalise
from luvalla.rules.purposes import LegalBasis, PermissionKind
from tests.mailroom.world import make_campaign, make_shard
from tests.scenarios.test_g1 import tonight
from tests.support.requests import add_disclosee
from tests.support.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
WRONG, RIGHT, TAGGED, OTHER = (
    normalise(f"{each}@esimerkki.fi") for each in ("aino.vanha", "aino", "aino+uutiset", "ville")
)
DESK = person("clerk")


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def backup(world: World, tmp_path: Path, settings: Settings) -> Path:
    """Make a backup in which each of them got a letter, which came back once; and two got a service message."""
    tonight(world, *(each.text for each in (WRONG, RIGHT, OTHER)))
    add_permission(
        address=TAGGED, kind=PermissionKind.CUSTOMER, source=world.crm, audience=world.customers, actor=OPERATOR
    )
    shard = make_shard(make_campaign(world))
    for contact in Contact.objects.all():
        Delivery.objects.create(
            campaign_id=shard.campaign_id, contact_id=contact.pk, shard_id=shard.pk, epoch=1, state="accepted",
            claimed_at=timezone.now(),
        )  # fmt: skip
        HardBounce.objects.create(contact_id=contact.pk, letters=1, last_at=timezone.now())
    note_disclosure(
        address=WRONG, to=add_disclosee("Perintä Oy"), given_on=timezone.localdate(), way=SingleDisclosure.Way.PHONE,
        basis=LegalBasis.LEGITIMATE_INTEREST, what="address", actor=DESK,
    )  # fmt: skip
    for each in (WRONG, OTHER):
        folded = sealer().folded_token(each)
        ServiceMessage.objects.create(kind="test", folded=folded, state=ServiceMessage.State.SENT)
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    return make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR).place


def kept_of_nobody() -> dict[str, list[int]]:
    """Give what the mailroom keeps of contacts that the register doesn't have."""
    here = list(Contact.objects.values_list("pk", flat=True))
    return {
        model.__name__: list(model.objects.exclude(contact_id__in=here).values_list("contact_id", flat=True))
        for model in (Delivery, HardBounce)
    }


NOTHING: dict[str, list[int]] = {"Delivery": [], "HardBounce": []}


@pytest.mark.parametrize("wrong", [WRONG, TAGGED])
def test_g2_of_two_that_became_one_nothing_is_left_at_the_wrong_address(wrong: Address, backup: Path) -> None:
    rectify(address=wrong, to=RIGHT, channel="desk", actor=DESK)
    assert kept_of_nobody() == NOTHING
    assert Delivery.objects.count() == 3

    assert main(["restore", str(backup), "--replace"]) == 0
    assert find_contact(wrong) is None
    assert Contact.objects.count() == 3
    assert kept_of_nobody() == NOTHING
    assert Delivery.objects.count() == 3
    of_wrong = ServiceMessage.objects.filter(folded=sealer().folded_token(wrong)).exists()
    assert not of_wrong
    assert ServiceMessage.objects.filter(folded=sealer().folded_token(OTHER)).exists()


def test_g2_two_that_became_one_and_then_stopped_leave_nothing(backup: Path) -> None:
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=DESK)
    withdraw(address=RIGHT, channel="link", actor=SUBJECT)
    assert main(["restore", str(backup), "--replace"]) == 0
    assert kept_of_nobody() == NOTHING
    assert Delivery.objects.count() == Contact.objects.count() == 1


def test_g2_whoever_has_the_wrong_address_hears_of_the_correction_once_more(backup: Path, world: World) -> None:
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=DESK)
    find_disclosees()
    told = DiscloseeNotice.objects.values_list("kind", flat=True)
    assert list(told) == ["rectification"]
    assert main(["restore", str(backup), "--replace"]) == 0
    noted = SingleDisclosure.objects.get()
    assert given_in(noted).address == RIGHT.text
    assert bytes(noted.folded) == sealer().folded_token(RIGHT)
    find_disclosees()
    assert list(told.all()) == ["rectification"]
    assert [(each.kind, corrected_address_of(each)) for each in open_notices(world.crm)] == [("rectified", RIGHT.text)]
    assert main(["restore", "--resume"]) == 3


def only_move(line: Line) -> int:
    """Give the contacts their right address, and leave what the other stores keep."""
    address, to = opened_correction(line.entry)
    contacts = concerned(address, to)
    move(contacts, to)
    return len(contacts)


def let_bounces_be(line: Line) -> int:
    """Do all of it, and bring what came back in again."""
    bounces = list(HardBounce.objects.all())
    rows = REPLAYERS[Operation.RECTIFY](line)
    HardBounce.objects.bulk_create(bounces, ignore_conflicts=True)
    return rows


@pytest.mark.parametrize("wrong", [WRONG, TAGGED])
@pytest.mark.parametrize("replayer", [only_move, let_bounces_be])
def test_g2_what_another_store_still_has_of_the_wrong_address_keeps_the_restored_backup_closed(
    wrong: Address,
    replayer: Callable[[Line], int],
    backup: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rectify(address=wrong, to=RIGHT, channel="desk", actor=DESK)
    with monkeypatch.context() as broken:
        broken.setitem(replayers._parts, "rectify", replayer)
        capsys.readouterr()
        assert main(["restore", str(backup), "--replace"]) == 1
    assert " rectify" in capsys.readouterr().err
    assert main(["restore", "--resume"]) == 0
    assert kept_of_nobody() == NOTHING
