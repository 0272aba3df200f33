"""The peer of bench/one_click.py: the least that a program can do which notes a stop, one row and one commit.

    python plain_view.py PORT PROCESSES

A Django view without middleware on the same database and the same web server, with kept connections and as many
processes: no register, no letters under way, no erasure. What it costs is what a web request with a commit costs here.
"""

from __future__ import annotations

import sys
from typing import Final

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from luvalla.config.environment import read_environment
from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.plainly import record_plainly

THREADS: Final = 4
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {**read_environment().database, "CONN_MAX_AGE": None}},
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="nothing is signed here",  # noqa: S106  # and it is no secret
    USE_TZ=True,
)
django.setup()
application = WSGIHandler()


def note_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Write one row and commit it."""
    del request, token
    with transaction.atomic():
        record_plainly("bench.stop", actor=SUBJECT, subject=("stop", ""), facts={}, now=timezone.now())
    return HttpResponse("OK\n", content_type="text/plain; charset=utf-8", headers={"Content-Length": "3"})


urlpatterns = [path("s/<token>", note_stop)]


def main() -> None:
    """Serve on a port with so many processes."""
    port, processes = (int(each) for each in sys.argv[1:])
    MPServer(
        f"{__name__}:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
