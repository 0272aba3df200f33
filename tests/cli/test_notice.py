"""`luvalla notice`: an existing notice becomes an installation; the next version is published on an opinion."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from luvalla.cli.installation import install, read_document
from luvalla.cli.main import main
from luvalla.ledger.actors import SYSTEM, person
from luvalla.ledger.keycheck import check_keys
from luvalla.notices.actions import give_opinion
from luvalla.notices.models import EarlierNotice
from luvalla.notices.queries import current_notice, next_draft
from luvalla.organisation.actions import record_controller
from luvalla.organisation.models import Controller, Purpose
from tests.notices.adoption.notices import LIBRARY, as_docx
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


@pytest.fixture
def world() -> World:
    check_keys()
    return make_world()


def test_adopting_tells_each_sentence_and_writes_a_document_that_can_be_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notice, toml, page = tmp_path / "notice.bin", tmp_path / "own.toml", tmp_path / "report.html"
    notice.write_bytes(as_docx())
    assert main(["notice", "adopt", str(notice), "--toml", str(toml), "--html", str(page), "--json"]) == 0
    told = document(capsys)
    assert (told["format"], told["language"], told["not_placed"]) == ("docx", "sv", [])
    assert {"id", "law", "why", "now", "sentences"} == set(told["weak_points"][0])
    assert "sender_address" in told["assumed"]
    assert "business_id" not in told["assumed"]
    read = read_document(toml)
    assert read["controller"]["business_id"] == "1234567-1"
    install(read)
    assert Controller.objects.get().name == "Påhittade Orienterare rf"
    assert {each.key for each in Purpose.objects.all()} == {"customer_information", "events"}
    kept = EarlierNotice.objects.get()
    assert kept.sentences.count() == len(told["sentences"])
    assert kept.sentences.filter(text__contains="Bangårdsvägen").get().weak_points == ["W10"]
    html = page.read_text(encoding="utf-8")
    assert "31.2.2024" in html
    assert "<script" not in html


def test_markup_in_an_adopted_notice_stays_text(tmp_path: Path) -> None:
    notice, toml, page = tmp_path / "notice.txt", tmp_path / "own.toml", tmp_path / "report.html"
    hostile = (
        'The data controller is "x\\" ]] <img src=y onerror=z>. We keep the data for 3 years, and you may complain. '
        * 3
    )
    notice.write_text(hostile, encoding="utf-8")
    assert main(["notice", "adopt", str(notice), "--toml", str(toml), "--html", str(page)]) == 0
    assert "<img" not in page.read_text(encoding="utf-8")
    assert "<img" in tomllib.loads(toml.read_text(encoding="utf-8"))["earlier_notice"]["sentence"][0]["text"]


def test_a_file_that_is_no_notice_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "scan.pdf"
    picture.write_bytes(b"%PDF-1.7 nothing")
    assert main(["notice", "adopt", str(picture), "--json"]) == 2
    assert document(capsys)["error"]["message"] == "The file is damaged and can't be read."


def test_the_notice_is_rendered_from_the_configuration_of_now(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)
    assert main(["notice", "render", "--language", "en"]) == 0
    assert "Uusikatu 7" in capsys.readouterr().out


def test_the_pdf_is_that_of_the_version_in_force_and_always_the_same(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one.pdf", "two.pdf"):
        assert main(["notice", "render", "--language", "fi", "--pdf", str(tmp_path / name)]) == 0
    first = (tmp_path / "one.pdf").read_bytes()
    assert (tmp_path / "two.pdf").read_bytes() == first
    assert hashlib.sha256(first).hexdigest() in capsys.readouterr().out


def test_publishing_needs_the_owner_an_opinion_and_a_real_day(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)
    day = getattr(current_notice(), "published_on").isoformat()  # noqa: B009  # it may be None for the type checker
    assert main(["notice", "publish", "--date", day, "--by", "nobody"]) == 3
    assert main(["notice", "publish", "--date", day, "--by", "author"]) == 1
    assert main(["notice", "publish", "--date", day, "--by", "approver"]) == 4
    give_opinion(is_for=False, text="Not there.", draft=next_draft().digest, actor=person("officer"))
    assert main(["notice", "publish", "--date", day, "--by", "approver"]) == 1
    assert main(["notice", "publish", "--date", "24.2.202", "--by", "approver", "--reason", "It is."]) == 2
    capsys.readouterr()
    assert main(["notice", "publish", "--date", day, "--by", "approver", "--reason", "It is.", "--json"]) == 0
    assert document(capsys)["opinion"] == "against"
    assert main(["notice", "versions", "--json"]) == 0
    listed = document(capsys)["versions"]
    assert [(each["version"], each["opinion"]) for each in listed] == [(2, "against"), (1, None)]


def test_the_library_s_report_is_told_at_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notice = tmp_path / "library.html"
    notice.write_text(LIBRARY, encoding="utf-8")
    assert main(["notice", "adopt", str(notice)]) == 0
    told = capsys.readouterr().out
    assert "32 of 34 sentences were placed." in told
    assert "W16" in told
