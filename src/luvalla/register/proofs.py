"""What still proves, after an erasure, that the letters were lawful (GDPR 7(1), 17(3)(e)): sealed, with an end date."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from luvalla.ledger.errors import SealBroken
from luvalla.ledger.vault import sealer
from luvalla.register.columns import GIVEN_PROOF, KEPT_PROOF
from luvalla.register.models import Contact, Permission, PermissionProof
from luvalla.rules.retention import PERMISSION_PROOF

log = logging.getLogger(__name__)


def keep_proofs(contacts: Iterable[Contact], *, why: str, now: datetime | None = None) -> int:
    """Seal what permitted the letters of contacts that are about to be erased, in the caller's transaction.

    `why` says what ended them ("withdrawal", "gone_from_source"). The proof holds no address: it is found by the
    mailbox's token. A contact whose permissions never counted leaves none; evidence that cannot be opened any more is
    left out. Tells how many were kept.
    """
    moment, leaving = now or timezone.now(), {each.pk: each for each in contacts}
    given = Permission.objects.filter(contact__in=list(leaving)).select_related("source", "audience", "batch")
    by_contact: dict[int, list[Permission]] = {}
    for permission in given.order_by("pk"):
        by_contact.setdefault(permission.contact_id, []).append(permission)
    made = (_proof_of(leaving[pk], each, why, moment) for pk, each in by_contact.items())
    kept = [proof for proof in made if proof is not None]
    PermissionProof.objects.bulk_create(kept, batch_size=500)
    return len(kept)


def given_proof(permission: Permission, contact: Contact) -> dict[str, object] | None:
    """Open the evidence a sign-up left; None for a permission that stands on its source's statement."""
    if permission.proof is None:
        return None
    opened = sealer().open(bytes(permission.proof), column=GIVEN_PROOF, token=bytes(contact.token))
    proof: dict[str, object] = json.loads(opened)
    return proof


def kept_proof(proof: PermissionProof) -> dict[str, object]:
    """Open a proof that was kept."""
    opened: dict[str, object] = json.loads(
        sealer().open(bytes(proof.sealed), column=KEPT_PROOF, token=bytes(proof.folded))
    )
    return opened


def permission_facts(permission: Permission, contact: Contact) -> dict[str, object]:
    """Tell a permission as a plain mapping: for proofs and for copies of a person's data."""
    return {
        "kind": permission.kind,
        "source": permission.source.key,
        "audience": permission.audience.key,
        "purposes": permission.purposes.split(),
        "since": permission.since.isoformat() if permission.since else None,
        "recorded_at": permission.created_at.isoformat(),
        "ended_at": permission.ended_at.isoformat() if permission.ended_at else None,
        "evidence": permission.source.evidence,
        "proof": given_proof(permission, contact),
    }


def _proof_of(contact: Contact, permissions: Iterable[Permission], why: str, now: datetime) -> PermissionProof | None:
    counted = [_whole_facts(each, contact) for each in permissions if _has_counted(each)]
    if not counted:
        return None
    document = json.dumps({"ended_by": why, "at": now.isoformat(), "permissions": counted}).encode()
    folded = bytes(contact.folded)
    sealed = sealer().seal(document, column=KEPT_PROOF, token=folded)
    return PermissionProof(folded=folded, sealed=sealed, expires_at=now + PERMISSION_PROOF)


def _whole_facts(permission: Permission, contact: Contact) -> dict[str, object]:
    """Tell a permission without its evidence where that is damaged: an erasure doesn't wait for it."""
    try:
        return permission_facts(permission, contact)
    except SealBroken:
        log.error("the evidence of permission %s cannot be opened and goes with it", permission.pk)  # noqa: TRY400  # no text
        permission.proof = None
        return permission_facts(permission, contact)


def _has_counted(permission: Permission) -> bool:
    return permission.batch is None or permission.batch.state in {"applied", "settled"}
