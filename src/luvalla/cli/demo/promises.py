"""What the demo's people do so that the promises about mailboxes and authorities can be proved, and the checks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.utils import timezone

from luvalla.cli.receive import deal_with

if TYPE_CHECKING:
    from luvalla.cli.demo.stage import Stage


def write_to_ourselves(stage: Stage) -> tuple[int, int]:
    """Send the week's message to the rights mailbox and hand it in as the organisation's mail server would (S4).

    Gives how many were caught on their way out, and how many became a case.
    """
    from luvalla.mailroom.tasks import send_waiting_messages
    from luvalla.rights.models import DataRequest
    from luvalla.rights.tasks import send_canary

    already = len(stage.received())
    send_canary()
    send_waiting_messages()
    caught = stage.received(already)
    for mail in caught:
        deal_with(mail.content, mail.recipients[0])
    return len(caught), DataRequest.objects.filter(is_canary=True).count()


def compare_authorities(stage: Stage) -> int:
    """Have the invented officer note that every authority's page was looked at today (S45, S46); give how many."""
    today = timezone.localdate().isoformat()
    done = stage.command("authorities", "compared", "--all", "--by", "officer", "--on", today)
    return len(done["countries"])


def check_promises(stage: Stage) -> Counter[str]:
    """Check every claim and count the verdicts."""
    return Counter(str(each["verdict"]) for each in stage.command("claims")["claims"])
