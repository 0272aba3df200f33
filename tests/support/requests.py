"""The rights desk in tests: its people, requests as they arrive, and the work that goes on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from email import policy
from email.parser import BytesParser

from luvalla.jobs.models import Job
from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import OPERATOR, SUBJECT, SYSTEM, Actor
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.service_messages import BETWEEN, COLUMN
from luvalla.organisation.actions import record_disclosee
from luvalla.organisation.models import Disclosee
from luvalla.paper.models import PaperSearch
from luvalla.paper.searches import answer_search
from luvalla.people.actions import add_user, record_undertaking
from luvalla.people.models import Role, User
from luvalla.people.queries import actor_of
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.cases import Said
from luvalla.rights.models import DataRequest
from luvalla.rights.tasks import follow_up
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import PermissionKind, Prohibited
from tests.support.world import World

MAIJA = "maija.malli@esimerkki.fi"


@dataclass(frozen=True, slots=True)
class Desk:
    """The people of a desk, as the ledger names them."""

    clerk: Actor
    handler: Actor
    owner: Actor
    officer: Actor
    custodian: Actor


def reminders(actor: Actor, kind: str = "rights_reminder") -> int:
    """Count the reminders of a kind that were mailed to somebody of the desk."""
    mailbox = sealer().folded_token(normalise(User.objects.get(ref=actor.ref).email))
    return ServiceMessage.objects.filter(kind=kind, folded=mailbox).count()


def make_staff(name: str, role: Role) -> User:
    """Open the account of somebody with one role."""
    username = name.split(maxsplit=1)[0].lower()
    user = add_user(
        username=f"desk{username}",
        email=f"{username}.desk@esimerkki.fi",
        full_name=name,
        roles=[role.value],
        actor=OPERATOR,
    )
    record_undertaking(user=user, typed_name=name, language="fi", actor=OPERATOR)
    return user


def make_desk() -> Desk:
    """Open the accounts of a whole desk."""
    people = {
        "clerk": ("Tuula Niemi", Role.CLERK),
        "handler": ("Jari Koskela", Role.HANDLER),
        "owner": ("Orvokki Salo", Role.REGISTER_OWNER),
        "officer": ("Dagmar Lind", Role.DATA_PROTECTION_OFFICER),
        "custodian": ("Liisa Aalto", Role.CUSTODIAN),
    }
    return Desk(**{key: actor_of(make_staff(name, role)) for key, (name, role) in people.items()})


def add_customer(world: World, address: str) -> Contact:
    """Put a customer into the register."""
    return add_permission(
        address=normalise(address),
        kind=PermissionKind.CUSTOMER,
        source=world.crm,
        audience=world.customers,
        actor=SYSTEM,
    ).contact


def add_disclosee(name: str, *, begins: date = date(2020, 1, 1), ends: date | None = None) -> Disclosee:
    """Record somebody who is given data for a use of their own."""
    return record_disclosee(
        details={
            "name": name,
            "kind": "controller",
            "country": "FI",
            **{f"purpose_{each}": "vertailu" for each in ("fi", "sv", "en")},
            "basis": "consent",
            "disclosed_from": begins,
            "disclosed_until": ends,
        },
        actor=OPERATOR,
    )


def ask(
    *rights: Right,
    address: str = MAIJA,
    channel: str = "form",
    language: str = "fi",
    proved: bool = True,
    prohibited: Prohibited = Prohibited.NOTHING,
    **told: object,
) -> DataRequest:
    """Have a request arrive."""
    arrival = Arrival(
        channel=DataRequest.Channel(channel),
        language=language,
        said=Said(address=address, **told),  # type: ignore[arg-type]  # fields of Said
        rights=rights,
        prohibited=prohibited,
        mailbox_proved=proved,
    )
    return receive_request(arrival=arrival, address=normalise(address) if address else None, actor=SUBJECT)


def answer_paper(request: DataRequest, custodian: Actor) -> None:
    """Have the custodian answer that there is no paper, and the desk take it over."""
    answer_search(
        search=PaperSearch.objects.get(case_ref=str(request.ref), answered_at=None), found=[], actor=custodian
    )
    follow_up()


def mails(kind: str = "") -> list[str]:
    """Open the service messages that wait to be sent, the oldest first: the plain text of each."""
    return [_text_of(each) for each in raw_mails(kind)]


def raw_mails(kind: str = "") -> list[bytes]:
    """Open them as they will leave, head and all."""
    rows = ServiceMessage.objects.exclude(sealed=b"").order_by("pk")
    wanted = [each for each in rows if not kind or each.kind == kind]
    opened = [sealer().open(bytes(each.sealed), column=COLUMN, token=bytes(each.folded)) for each in wanted]
    return [each.partition(BETWEEN)[2] for each in opened]


def _text_of(raw: bytes) -> str:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    body = message.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content())


def let_arrive() -> None:
    """Have every waiting message taken by the relay, and the desk see it."""
    ServiceMessage.objects.filter(state="waiting").update(state="sent", sealed=b"")
    follow_up()


def work() -> None:
    """Run what is due, except for the sending of mail, and follow up."""
    Job.objects.filter(name="mailroom.send_service_message").delete()
    run_due()
    follow_up()
