"""What the API does by itself: it tells webhooks, and forgets what it told them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from luvalla.api.models import BroughtChange, WebhookCall
from luvalla.api.webhooks import note_happenings, tell
from luvalla.jobs.port import periodic, task

KEPT: Final = timedelta(days=30)


@periodic("api.note_happenings", seconds=10)
def note() -> int:
    """Write down what the webhooks are to be told of; tell how many calls that makes."""
    return note_happenings()


@task("api.tell_webhook")
def tell_webhook(*, call_id: int) -> None:
    """Tell a webhook one thing; what fails is tried again by the runner."""
    tell(call_id)


@periodic("api.forget_calls", seconds=3600)
def forget_calls() -> int:
    """Forget the calls, and the numbers of changes, of a month ago; tell how many."""
    before = timezone.now() - KEPT
    changes = BroughtChange.objects.filter(at__lt=before).delete()[0]
    return changes + WebhookCall.objects.filter(made_at__lt=before).delete()[0]
