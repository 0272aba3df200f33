"""The application as a WSGI server takes it."""

from __future__ import annotations

import os
import signal

from django.core.wsgi import get_wsgi_application

from luvalla.jobs.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luvalla.config.settings")
if "LUVALLA_SERVER_PID" in os.environ:
    # The server waits for its workers when it ends in order. Where it is gone before them, a request that never ends
    # would keep this worker on its port: what was in hand is rolled back.
    die_with_parent(int(os.environ["LUVALLA_SERVER_PID"]), by=signal.SIGKILL)
application = get_wsgi_application()
from luvalla.ledger.quarantine import check_open  # noqa: E402  # models are ready only now

check_open()  # a restored backup in quarantine is served by nobody
if "LUVALLA_SERVER_PID" in os.environ:
    from luvalla.public.gathering import GATHERING

    GATHERING.begin()
