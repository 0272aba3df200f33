"""The rest of the demo's staff, so that every role can be tried, and something on the rights desk to try it with."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from luvalla.ledger.actors import Actor

DOMAIN: Final = "esimerkkienergia.example"
STAFF: Final = {
    "clerk": ("Tuula Niemi", "clerk"),
    "handler": ("Jari Koskela", "handler"),
    "custodian": ("Liisa Aalto", "custodian"),
    "auditor": ("Risto Hakala", "auditor"),
    "caretaker": ("Oskari Rinne", "administrator"),
}
"""Accounts by name: whose they are, and their role. The others are the example document's."""


def hire_staff() -> dict[str, str]:
    """Open an account for each role that the example document has nobody for; give the passwords by name."""
    from luvalla.ledger.actors import OPERATOR
    from luvalla.people.actions import add_user, record_undertaking

    passwords = {name: secrets.token_urlsafe(12) for name in STAFF}
    for name, (full_name, role) in STAFF.items():
        user = add_user(
            username=name,
            email=f"{full_name.lower().replace(' ', '.')}@{DOMAIN}",
            full_name=full_name,
            roles=[role],
            password=passwords[name],
            actor=OPERATOR,
        )
        record_undertaking(user=user, typed_name=full_name, language=user.language, actor=OPERATOR)
    return passwords


def fill_desk(address: str) -> None:
    """Have a customer ask what is kept about them, a letter come on paper, and a cabinet stand ready."""
    from luvalla.ledger.actors import SUBJECT
    from luvalla.paper.actions import add_place, enter_item
    from luvalla.paper.models import PaperItem
    from luvalla.register.queries import parsed
    from luvalla.rights.actions.intake import Arrival, receive_request
    from luvalla.rights.cases import Said
    from luvalla.rights.models import DataRequest
    from luvalla.rules.case_states import Right

    arrival = Arrival(
        channel=DataRequest.Channel.FORM,
        language="fi",
        said=Said(address=address, text="Mitä tietoja teillä on minusta?"),
        rights=[Right.ACCESS],
        mailbox_proved=True,
    )
    receive_request(arrival=arrival, address=parsed(address), actor=SUBJECT)
    custodian = _actor_of("custodian")
    add_place(site="Pääkonttori", room="Arkisto", cabinet="A1", is_locked=True, actor=custodian)
    enter_item(
        kind=PaperItem.Kind.CORRESPONDENCE,
        origin=PaperItem.Origin.RECEIVED,
        description="Asiakkaan kirje, jossa on sähköpostiosoite",
        folded=b"",
        actor=custodian,
    )


def _actor_of(name: str) -> Actor:
    from luvalla.people.models import User
    from luvalla.people.queries import actor_of

    return actor_of(User.objects.get(username=name))
