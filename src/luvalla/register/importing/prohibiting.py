"""Prohibitions that a source tells of: staged with its export, written in the transaction of the flip.

A person who told the customer service "no marketing" has objected (GDPR 21(2)-(3)), whatever system wrote it down. The
staged token counts for nobody before the flip. Then it becomes a prohibition, unless its owner has stopped, is
restricted or has gone meanwhile, and except for what the owner has subscribed to. Only the owner lifts it again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from django.db import connection
from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.erasures import Entry, Operation
from luvalla.organisation.queries import kinds_stopping
from luvalla.register.facts import LIVE
from luvalla.register.models import Batch, StagedProhibition
from luvalla.rules.purposes import Prohibited

BY_THEMSELVES: Final = f"""
select t.id, t.kinds, p.purposes from register_stagedprohibition t
join register_contact c on c.folded = t.folded
join register_permission p on p.contact_id = c.id and p.kind = 'consent' and {LIVE.format("p")}
join register_source s on s.id = p.source_id and s.is_sign_up
where t.batch_id = %s
"""  # noqa: S608  # put together from constants
# On PostgreSQL two flips write in the same order, so that neither waits for the other's rows.
STILL_TO_FORBID: Final = """
from register_stagedprohibition t left join register_prohibition x on x.folded = t.folded
where t.batch_id = %s and (coalesce(x.kinds, 0) | t.kinds) <> coalesce(x.kinds, 0)
and exists (select 1 from register_contact c where c.folded = t.folded and c.restricted_at is null
            and not exists (select 1 from register_suppression b where b.token in (c.folded, c.domain)
                            and (b.expires_at is null or b.expires_at > %s)))
order by t.folded
"""
FOUND: Final = f"select t.folded, coalesce(x.kinds, 0) | t.kinds {STILL_TO_FORBID}"
WRITE: Final = f"""
insert into register_prohibition (folded, kinds, since) select t.folded, t.kinds, %s {STILL_TO_FORBID}
on conflict (folded) do update set kinds = register_prohibition.kinds | excluded.kinds
"""


def forbid_staged(batch: Batch) -> int:
    """Write what a batch forbids and is not forbidden yet, in the transaction of its flip; tell for how many mailboxes.

    The caller has been admitted: no stop and no other prohibition is written meanwhile. The lines outside the backups
    are on the disk first; raises ErasuresUnwritable when they can't be.
    """
    _spare_subscribed(batch)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    mailboxes: defaultdict[int, list[bytes]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(FOUND, (batch.pk, now))
        for folded, kinds in cursor:
            mailboxes[kinds].append(bytes(folded))
        if mailboxes:
            erasures.append([Entry(Operation.PROHIBIT, tuple(of), str(kinds)) for kinds, of in mailboxes.items()])
            cursor.execute(WRITE, (now, batch.pk, now))
    return sum(map(len, mailboxes.values()))


def follow_correction(folded: bytes, to: bytes) -> None:
    """Let what is staged for a mailbox follow its owner to the right address, in the caller's transaction."""
    known = StagedProhibition.objects.filter(folded=to).values("batch")
    StagedProhibition.objects.filter(folded=folded).exclude(batch__in=known).update(folded=to)


def _spare_subscribed(batch: Batch) -> None:
    """Take out what its owner has subscribed to, also since the export was read."""
    spared: dict[int, Prohibited] = {}
    with connection.cursor() as cursor:
        cursor.execute(BY_THEMSELVES, (batch.pk,))
        for pk, kinds, purposes in cursor.fetchall():
            spared[pk] = spared.get(pk, Prohibited(kinds)) & ~kinds_stopping(purposes.split())
    for pk, left in spared.items():
        StagedProhibition.objects.filter(pk=pk).exclude(kinds=int(left)).update(kinds=int(left))
