"""A DKIM key is made once, readable by its owner alone, and its record is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_django import Settings

from luvalla.cli.dkim import command


@pytest.mark.parametrize(("options", "kind"), [([], "k=rsa"), (["--algorithm", "ed25519"], "k=ed25519")])
def test_a_key_is_made_once_and_its_record_shown_again(
    db: None, settings: Settings, tmp_path: Path, options: list[str], kind: str
) -> None:
    settings.LUVALLA_DKIM = tmp_path / "dkim"
    call = ["Esimerkki.fi", "luvalla1", *options, "--json"]
    first = json.loads(CliRunner().invoke(command, call).stdout)
    assert first["name"] == "luvalla1._domainkey.esimerkki.fi"
    assert first["value"].startswith(f"v=DKIM1; {kind}; p=")
    place = Path(first["file"])
    assert place.stat().st_mode & 0o777 == 0o600
    assert json.loads(CliRunner().invoke(command, call).stdout) == first


def test_a_name_that_is_none_makes_nothing(db: None, settings: Settings, tmp_path: Path) -> None:
    settings.LUVALLA_DKIM = tmp_path / "dkim"
    answer = CliRunner().invoke(command, ["esimerkki.fi", "../x"])
    assert answer.exit_code != 0
    assert not (tmp_path / "dkim").exists()
