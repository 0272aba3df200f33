"""A campaign that names no audience goes to that of the regular source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from luvalla.campaigns.models import Campaign
from luvalla.cli.main import main
from tests.support.world import make_world

LETTER = "subject: Talven sähkökatkot\n\n# Talvi tulee\n\nMärkä lumi taivuttaa puita.\n"


@pytest.mark.django_db(transaction=True)
def test_without_an_audience_the_regular_source_s_own_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world()
    file = tmp_path / "kirje.md"
    file.write_text(LETTER, encoding="utf-8")
    assert main(["campaign", "create", str(file), "--purpose", "customer_information", "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert Campaign.objects.get(pk=written["id"]).audience == world.customers
