"""The web server's own process: `python -m luvalla.cli.web HOST PORT PROCESSES PARENT`.

The server forks its workers. They are forked from a process that has no threads and no database connection, for a fork
of one that has inherits locks that nobody will ever open.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Final

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from luvalla.jobs.process import die_with_parent

TARGET: Final = "luvalla.config.wsgi:application"
LAST_WORDS: Final = 10
"""Seconds for requests in hand when the server ends; a worker that hangs is killed then."""
THREADS: Final = 32
"""In each worker; most of them wait. Stops that arrive together wait for the one commit that carries them out."""


def is_news(record: logging.LogRecord) -> bool:
    """Leave out the server's advice about the number of threads: it is meant."""
    return "Python threads" not in record.getMessage()


def main() -> None:
    """Serve until SIGINT or SIGTERM, or until the parent is gone."""
    host, port, processes, parent = sys.argv[1:]
    die_with_parent(int(parent))
    os.environ["LUVALLA_SERVER_PID"] = str(os.getpid())
    logging.getLogger("_granian").addFilter(is_news)
    server = MPServer(
        TARGET,
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(processes),
        blocking_threads=THREADS,
        workers_kill_timeout=LAST_WORDS,
        log_level=LogLevels.warning,
        websockets=False,
        respawn_failed_workers=True,
    )
    server.serve()


if __name__ == "__main__":
    main()
