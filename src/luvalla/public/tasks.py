"""Work of the public site outside a request."""

from __future__ import annotations

from luvalla.jobs.port import task
from luvalla.register.models import Stop
from luvalla.register.stop import finish


@task("public.finish_stop")
def finish_stop(*, ref: str) -> None:
    """Finish a stop whose page has already told the person that it is being finished."""
    for each in Stop.objects.filter(ref=ref, answered_at=None):
        finish(each)
