from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from luvalla.api.errors import NotAToken
from luvalla.api.models import Token
from luvalla.api.scopes import Scope
from luvalla.api.tokens import LONGEST, make_token
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.models import Processor
from tests.api.conftest import MakeKey
from tests.support.world import World


def test_a_token_is_kept_as_its_hash_only(make_key: MakeKey) -> None:
    token, text = make_key()
    kept = Token.objects.get(pk=token.pk)
    assert text.startswith("luv_")
    assert text not in str({**vars(kept), "digest": bytes(kept.digest).hex()})
    assert text not in str(list(LedgerRow.objects.values()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"processor": None},
        {"scopes": ()},
        {"source": None},
        {"expires_at": timezone.now() + LONGEST + timedelta(days=1)},
        {"expires_at": timezone.now() - timedelta(days=1)},
    ],
    ids=["no owner", "no scope", "no source", "too long", "over"],
)
def test_a_token_without_owner_scope_source_or_end_is_not_made(
    world: World, processor: Processor, wrong: dict[str, Any]
) -> None:
    right = {
        "name": "Järjestelmä",
        "scopes": (Scope.BRING_IMPORTS,),
        "expires_at": timezone.now() + timedelta(days=1),
        "processor": processor,
        "source": world.crm,
    }
    with pytest.raises(NotAToken):
        make_token(**{**right, **wrong}, actor=OPERATOR)
    assert not Token.objects.exists()


def test_a_person_s_token_never_reaches_further_than_the_person(world: World) -> None:
    with pytest.raises(NotAToken):
        make_token(
            name="x", scopes=(Scope.READ_CONTACTS,), expires_at=timezone.now() + timedelta(days=1),
            person=world.author, actor=OPERATOR,
        )  # fmt: skip
