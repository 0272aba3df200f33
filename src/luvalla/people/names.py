"""A person's name where it stands outside their own account: what they signed, countersigned, appointed and confirmed.

It goes with the person. Where somebody else of the same name still has an account, it can't be told whose it is, so it
stays until they have gone too.
"""

from __future__ import annotations

import hashlib
from typing import Final

from django.db.models import Model, ProtectedError, QuerySet
from django.db.transaction import atomic

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.organisation.models import BalancingTest
from luvalla.people.models import AccessReview, Undertaking, User
from luvalla.people.reviews import is_as_signed, record_of

FORGOTTEN: Final = "forgotten.invalid"
"""Domain of the mailbox that a forgotten account has in place of its own."""
ELSEWHERE: Final[tuple[tuple[type[Model], str], ...]] = (
    (Undertaking, "countersigned_by"),
    (User, "appointed_by"),
    (BalancingTest, "confirmed_by"),
)
"""Where names stand as they were written then, about other people's matters."""


def forget_name(user: User) -> None:
    """Let a leaver's name go wherever it stands, in the caller's transaction; their random ref takes its place."""
    _forget_signed_reviews(AccessReview.objects.filter(reviewer=user))
    if User.objects.filter(full_name__iexact=user.full_name).exclude(pk=user.pk).exists():
        return
    for model, field in ELSEWHERE:
        named = model._default_manager.filter(**{f"{field}__iexact": user.full_name})  # noqa: SLF001  # of any model
        named.update(**{field: str(user.ref)})


def forget_undertakings(user: User) -> int:
    """Delete a leaver's undertakings; one that paper was handled under keeps its dates only. Tells how many."""
    rows = list(user.undertakings.all())
    for each in rows:
        try:
            with atomic():
                each.delete()
        except ProtectedError:
            Undertaking.objects.filter(pk=each.pk).update(typed_name="", countersigned_by="", scan=None, scan_type="")
    return len(rows)


def reviews_of_forgotten() -> QuerySet[AccessReview]:
    """Give the signed reviews on which the name of somebody forgotten still stands."""
    return AccessReview.objects.filter(reviewer__email__endswith=FORGOTTEN).exclude(typed_name="")


def forget_names_of_forgotten() -> int:
    """Let those names go too; tells how many."""
    return _forget_signed_reviews(reviews_of_forgotten())


def _forget_signed_reviews(reviews: QuerySet[AccessReview]) -> int:
    """Take a name out of signed records, each with a row in the ledger that leads from its old hash to the new one.

    A record that wasn't as it was signed before isn't afterwards either.
    """
    signed = list(reviews.exclude(typed_name=""))
    for each in signed:
        was_as_signed, before = is_as_signed(each), each.record_hash
        each.typed_name = ""
        if was_as_signed:
            each.record_hash = hashlib.sha256(record_of(each)).hexdigest()
        each.save(update_fields=["typed_name", "record_hash"])
        facts = {"before": before, "hash": each.record_hash}
        record("people.forget_signature", actor=SYSTEM, subject=Subject("review", str(each.ref)), facts=facts)
    return len(signed)
