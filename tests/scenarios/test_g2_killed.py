"""G2, killed: a restore whose process is gone at any moment leaves the old installation, or one that is closed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from django.db import connections
from pytest_django import Settings

from luvalla.cli.main import main
from luvalla.ledger import quarantine
from luvalla.ledger.actors import OPERATOR, SUBJECT, person
from luvalla.ledger.backups.locks import configured_lock, make_own_key
from luvalla.ledger.backups.making import make_backup
from luvalla.ledger.quarantine import Stage
from luvalla.register.queries import find_contact, is_suppressed
from luvalla.register.rectification import rectify
from luvalla.register.stop import withdraw
from luvalla.rules.address import normalise
from tests.scenarios.test_g1 import tonight
from tests.support.world import make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_else")]
ERASED, WRONG, RIGHT, STAYS = (normalise(f"{each}@esimerkki.fi") for each in ("maija", "aino.vanha", "aino", "seppo"))
DYING: Final = """
import os, signal, sys
import django
django.setup()
from luvalla.ledger.backups import restoring, sqlite
from luvalla.ledger import quarantine, replaying
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def second(line, *, done=[], right=replaying._done_again):
    done.append(right(line))
    return die() if len(done) == 2 else done[-1]
{moment}
from luvalla.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
MOMENTS: Final = {
    "the backup is read": ("restoring.check_authentic = die", None),
    "the database is in its place": ("restoring.ContentType.objects.clear_cache = die", Stage.RESTORING),
    "a line is carried out": ("replaying._done_again = second", Stage.REPLAYING),
    "all lines are done": ("restoring.open_again = die", Stage.REPLAYING),
    "the ledger says so": ("restoring.broken_claims = die", Stage.REPLAYING),
    "it is to open": ("quarantine.leave = die", Stage.REPLAYING),
}


@pytest.fixture
def backup(tmp_path: Path, settings: Settings) -> Path:
    """Make a backup; then one person stops and another is corrected."""
    tonight(make_world(), *(each.text for each in (ERASED, WRONG, STAYS)))
    settings.LUVALLA_BACKUP_PASSPHRASE_FILE = ""
    make_own_key()
    made = make_backup(place=tmp_path / "t0.backup", lock=configured_lock(), actor=OPERATOR)
    withdraw(address=ERASED, channel="link", actor=SUBJECT)
    rectify(address=WRONG, to=RIGHT, channel="desk", actor=person("clerk"))
    return made.place


@pytest.mark.parametrize("moment", MOMENTS)
def test_g2_a_restore_that_is_killed_can_be_gone_on_with(
    moment: str, backup: Path, outside: Path, process_environment: dict[str, str]
) -> None:
    kill, stage = MOMENTS[moment]
    connections.close_all()
    command = [sys.executable, "-c", DYING.format(moment=kill), "restore", str(backup), "--replace"]
    environment = {**process_environment, "LUVALLA_ERASURES": str(outside)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr

    closed = quarantine.current()
    assert (closed.stage if closed else None) is stage
    if stage is Stage.REPLAYING:
        assert main(["show", STAYS.text]) == 1
        assert main(["restore", "--resume"]) == 0
    else:
        assert main(["restore", "--resume"]) == (3 if stage is None else 1)
        assert main(["restore", str(backup), "--replace"]) == 0
    assert quarantine.current() is None
    assert [find_contact(each) is None for each in (ERASED, WRONG, RIGHT, STAYS)] == [True, True, False, False]
    assert is_suppressed(ERASED)
