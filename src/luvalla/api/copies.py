"""Copies that another controller transmits at their data subject's wish (GDPR 20(2)): in, and nothing out."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Header, Router, Schema, Status

from luvalla.api.doors import Bearer, caller_of
from luvalla.api.errors import NotValid, Problem, Slug
from luvalla.api.scopes import Scope
from luvalla.rights.actions.taking_in import keep_copy
from luvalla.rights.copies.portability import NotPortable
from luvalla.rights.errors import TooManyWaiting
from luvalla.rights.transmitting import NUMBER

router = Router(tags=["copies"])
LARGEST: Final = 1 << 20
BODY: Final = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}}
"""The document is read by its own published schema, urn:luvalla:portable:1."""


class CopyOut(Schema):
    """What was taken. Nobody is in the register before somebody here has decided on it."""

    ref: UUID
    state: str = Field(description="waiting, accepted, refused or expired")


@router.post(
    "/copies",
    response={201: CopyOut},
    auth=Bearer(Scope.BRING_COPIES),
    operation_id="bring_copy",
    openapi_extra=BODY,
)
def bring_copy(request: HttpRequest, number: Annotated[UUID, Header(alias=NUMBER)]) -> Status[CopyOut]:
    """Bring a person's portable document. The same number again is the same copy; it is kept once."""
    caller = caller_of(request)
    document = request.read(LARGEST + 1)
    if len(document) > LARGEST:
        raise Problem(Slug.TOO_LARGE, megabytes=LARGEST >> 20)
    try:
        copy = keep_copy(document=document, sender=caller.token.controller, number=number, actor=caller.actor)
    except NotPortable:
        raise NotValid(at="body", wrong="not_portable") from None
    except TooManyWaiting:
        raise Problem(Slug.TOO_MANY_WAITING) from None
    return Status(201, CopyOut(ref=copy.ref, state=copy.state))
