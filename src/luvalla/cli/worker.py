"""`luvalla worker`: background work and the sending of campaigns, without the web pages, until it is told to end."""

from __future__ import annotations

import signal
import time
from types import FrameType

import click

from luvalla.cli.django import with_django
from luvalla.cli.language import pgettext
from luvalla.cli.output import say

PAUSE = 0.5


@click.command(help=pgettext("command", "Do background work without the web server."))
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help=pgettext("command", "How many processes send; default: one a core, 2."),
)
@with_django
def command(workers: int | None) -> None:
    """Work until SIGINT or SIGTERM; on PostgreSQL as many machines as wanted may do so."""
    from luvalla.jobs.runner import Runner
    from luvalla.mailroom.background import BACKGROUND
    from luvalla.mailroom.crew import Crew

    signal.signal(signal.SIGTERM, _end)
    BACKGROUND.stand_back()
    runner, crew = Runner(), Crew(workers=workers)
    runner.start()
    say(pgettext("command", "Working. Ctrl-C ends it; what has begun is finished first."))
    try:
        while True:
            crew.look()
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        pass
    finally:
        crew.end()
        runner.stop()


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signal's own form
    raise KeyboardInterrupt
