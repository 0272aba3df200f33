"""Every row of a file is in exactly one group, and the sums add up, whatever the file and the register hold."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.vault import sealer
from luvalla.register.importing.actions import apply_batch, begin_batch, compare_export, stage_batch
from luvalla.register.importing.comparing import Group
from luvalla.register.importing.export import Options
from luvalla.register.importing.settling import settle_batch
from luvalla.register.models import Batch, BatchLine, Contact, Permission, Source, Suppression
from luvalla.register.queries import live_permissions
from luvalla.rules.address import NotAnAddress, normalise
from luvalla.rules.purposes import PermissionKind

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = [
    *(
        "a@esimerkki.fi",
        "A@Esimerkki.fi",
        "a+x@esimerkki.fi",
        "b@esimerkki.fi",
        "c@öljy.example",
        "c@xn--ljy-rna.example",
    ),
    *(
        "d@pysahtynyt.example",
        "e@pysahtynyt.example",
        "f@esimerkki.fi",
        "g@esimerkki.fi",
        "",
        "ei osoite",
        "=1+1",
        "h@",
    ),
]
STOPPED = ("f@esimerkki.fi",)
STOPPED_DOMAIN = "pysahtynyt.example"
row = st.tuples(
    st.sampled_from(ADDRESSES), st.sampled_from(["", "1.1.2020", "2.2.2022", "x"]), st.sampled_from(["", "yritys"])
)
exports = st.lists(row, min_size=1, max_size=12)
Rows = list[tuple[str, str, str]]


def text_of(rows: Rows) -> bytes:
    """Write rows as an export, with a column so that no row is empty."""
    lines = [f"{number};{address};{since};{kind}" for number, (address, since, kind) in enumerate(rows)]
    return ("nro;email;sopimus alkoi;asiakaslaji\n" + "\n".join(lines) + "\n").encode()


def expected(rows: Rows, before: set[str]) -> Counter[str]:
    """Sort rows into groups by hand, as far as addresses decide; changed and unchanged are told apart elsewhere."""
    groups: Counter[str] = Counter()
    seen: set[str] = set()
    for address, _, _ in rows:
        try:
            mailbox = normalise(address)
        except NotAnAddress:
            groups["refused"] += 1
            continue
        if mailbox.folded in STOPPED or mailbox.domain == STOPPED_DOMAIN:
            groups["suppressed"] += 1
        elif mailbox.folded in seen:
            groups["duplicate"] += 1
        else:
            groups["known" if mailbox.folded in before else "new"] += 1
        seen.add(mailbox.folded)
    return groups


def bring(source: Source, rows: Rows) -> Batch | None:
    """Bring rows all the way; None when not one of them has an address."""
    content = text_of(rows)
    if not any("@" in address and len(address) > 2 for address, _, _ in rows):
        return None
    compared = compare_export(
        source=source, permission=PermissionKind.CUSTOMER, opener=lambda: io.BytesIO(content), options=Options()
    )
    batch = begin_batch(source=source, permission=PermissionKind.CUSTOMER, actor=OPERATOR)
    staging = stage_batch(batch=batch, opener=lambda: io.BytesIO(content), options=Options(), actor=OPERATOR)
    assert staging.counts == compared.counts
    Batch.objects.filter(pk=batch.pk).update(released_by="person:x")
    settle_batch(apply_batch(batch=batch, actor=OPERATOR))
    batch.refresh_from_db()
    return batch


@given(exports, exports)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_in_exactly_one_group(crm: Source, first: Rows, second: Rows) -> None:
    for model in (BatchLine, Permission, Contact, Suppression, Batch):
        if model is Batch:
            crm.sourcenotice_set.all().delete()
        model.objects.all().delete()  # type: ignore[attr-defined]  # each model has a manager
    for token in [sealer().folded_token(normalise(each)) for each in STOPPED]:
        Suppression.objects.create(token=token, reason="withdrawal")
    domain = sealer().domain_token(STOPPED_DOMAIN)
    Suppression.objects.create(token=domain, scope=Suppression.DOMAIN, reason="company")
    before: set[str] = set()
    for rows in (first, second):
        batch = bring(crm, rows)
        if batch is None:
            continue
        counts, hand = Counter(batch.counts), expected(rows, before)
        assert sum(counts[group] for group in Group) == len(rows) == batch.rows_read
        assert counts["refused"] == hand["refused"] == BatchLine.objects.filter(batch=batch, group="refused").count()
        assert counts["suppressed"] == hand["suppressed"]
        assert counts["duplicate"] == hand["duplicate"]
        assert counts["new"] == hand["new"]
        assert counts["unchanged"] + counts["changed"] == hand["known"]
        assert counts["before"] == len(before)
        assert counts["gone"] == len(before) - hand["known"]
        before = {normalise(address).folded for address, _, _ in rows if _is_taken(address)}
        assert live_permissions().count() == len(before) == Contact.objects.count()


def _is_taken(address: str) -> bool:
    try:
        mailbox = normalise(address)
    except NotAnAddress:
        return False
    return mailbox.folded not in STOPPED and mailbox.domain != STOPPED_DOMAIN
