"""Links of the desk: one proves that its opener reads a mailbox, the other delivers a copy. They expire and work once.

The file that is delivered lies with the newest link until what was said in the case goes, so that a fresh link can be
sent, or the copy be posted, when one has expired or its mail came back.

A token is base64url of key id (1 byte) | reference (16) | HMAC-SHA256 (12): nothing in it is about anybody, and no case
number leads to it. It goes to the registered mailbox and nowhere else.
"""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SUBJECT as SUBJECT_ACTOR
from luvalla.ledger.actors import Actor
from luvalla.ledger.ref_links import link_token, ref_of_token
from luvalla.ledger.vault import sealer
from luvalla.organisation.queries import the_controller
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.columns import LINK
from luvalla.rights.models import DataRequest, SecureLink
from luvalla.rules.retention import SECURE_LINK

SUBJECT: Final = b"luvalla rights link|"
PATHS: Final = {SecureLink.Kind.PROVE: "r/p/", SecureLink.Kind.DELIVER: "r/d/"}
"""Where the public site answers the links; short, since they are read aloud on the telephone too."""


def make_link(request: DataRequest, kind: SecureLink.Kind, *, content: bytes = b"", actor: Actor) -> SecureLink:
    """Make a link in the caller's transaction. An earlier one of the same kind stops working.

    Without a content of its own it delivers what the earlier one did.
    """
    earlier = request.links.filter(kind=kind)
    sealed = sealer().seal(content, column=LINK, token=bytes(request.folded)) if content else _sealed_in(earlier)
    earlier.filter(used_at=None).update(expires_at=timezone.now())
    earlier.update(sealed=b"")
    link = SecureLink.objects.create(request=request, kind=kind, expires_at=timezone.now() + SECURE_LINK, sealed=sealed)
    record("rights.make_link", actor=actor, subject=subject_of(request), facts={"kind": kind.value})
    return link


def drop_links(request: DataRequest, *kinds: SecureLink.Kind) -> None:
    """Let a request's links of these kinds, or all, work no more, and forget what they would have delivered."""
    links = request.links.filter(kind__in=kinds) if kinds else request.links.all()
    links.filter(used_at=None).update(expires_at=timezone.now())
    links.update(sealed=b"")


def copy_of(request: DataRequest) -> bytes:
    """Open the file that a request's link delivers; empty where none was made, or it has gone."""
    return _opened(_sealed_in(request.links.filter(kind=SecureLink.Kind.DELIVER)), request)


def has_copy(request: DataRequest) -> bool:
    """Tell whether there is a file to deliver."""
    return request.links.filter(kind=SecureLink.Kind.DELIVER).exclude(sealed=b"").exists()


def url_of(link: SecureLink) -> str:
    """Give the address of a link; it belongs into a mail to the registered mailbox and nowhere else."""
    base = the_controller().base_url.rstrip("/")
    return f"{base}/{PATHS[SecureLink.Kind(link.kind)]}{token_of(link)}"


def token_of(link: SecureLink) -> str:
    """Give what a link ends with."""
    return link_token(link.ref, what_for=SUBJECT)


def link_of(token: str, kind: SecureLink.Kind) -> SecureLink | None:
    """Give the link of a token that is ours, unused and not expired; None for every other, whatever is wrong."""
    ref = ref_of_token(token, what_for=SUBJECT)
    usable = SecureLink.objects.select_related("request").filter(kind=kind, used_at=None, expires_at__gt=timezone.now())
    return None if ref is None else usable.filter(ref=ref).first()


@transaction.atomic
def use_link(*, token: str, kind: SecureLink.Kind) -> tuple[DataRequest, bytes] | None:
    """Use a link up and give its request and what it delivers; None when it no longer works.

    Of two that press at the same moment one gets it.
    """
    link = link_of(token, kind)
    if link is None or not SecureLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()):
        return None
    request = link.request
    note_event(request, f"link_{kind}", actor=SUBJECT_ACTOR)
    record("rights.use_link", actor=SUBJECT_ACTOR, subject=subject_of(request), facts={"kind": kind.value})
    return request, _opened(bytes(link.sealed), request)


def is_ours(token: str) -> bool:
    """Tell whether a token is whole and was made here, whatever became of its link: it says nothing about anybody."""
    return ref_of_token(token, what_for=SUBJECT) is not None


def request_of_link(token: str, kind: SecureLink.Kind) -> DataRequest | None:
    """Give the request of a token that is ours, whether its link still works or not; None once it has gone."""
    ref = ref_of_token(token, what_for=SUBJECT)
    return DataRequest.objects.filter(links__ref=ref, links__kind=kind).first() if ref is not None else None


def _sealed_in(links: QuerySet[SecureLink]) -> bytes:
    holding = links.exclude(sealed=b"").order_by("-pk").first()
    return bytes(holding.sealed) if holding is not None else b""


def _opened(sealed: bytes, request: DataRequest) -> bytes:
    return sealer().open(sealed, column=LINK, token=bytes(request.folded)) if sealed else b""
