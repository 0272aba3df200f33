from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from luvalla.campaigns import actions, claims
from luvalla.campaigns.models import Campaign, Letter
from luvalla.ledger.actors import SYSTEM
from luvalla.organisation.models import Purpose
from luvalla.rules.ports import Finding, Verdict
from luvalla.rules.ports import claims as port
from luvalla.sending.letter import STOP_MARK, LetterSource, compile_letter
from tests.campaigns.letters import BLOCKS
from tests.campaigns.making import approved, photograph, submitted
from tests.support.world import World

CHECKS = (
    claims.footers_name_the_controller,
    claims.letters_have_a_declared_purpose,
    claims.purposes_are_named_one_by_one,
    claims.letters_are_the_same_for_everybody,
)


def frozen_by_hand(world: World, *, html: str = "", text: str = "") -> Letter:
    """Put a letter into the database past the approval."""
    campaign = submitted(world)
    compiled = compile_letter(
        LetterSource(
            from_name="X",
            from_address="x@example.com",
            subject="X",
            language="fi",
            html=f'<html><body>{html}<a href="http://127.0.0.1:8000/s/{STOP_MARK}">Lopeta</a></body></html>',
            text=f"{text} http://127.0.0.1:8000/s/{STOP_MARK}",
            list_id="x.example.com",
            stop_url_prefix="http://127.0.0.1:8000/s/",
            message_id_domain="example.com",
            date=datetime(2026, 11, 24, tzinfo=UTC),
        )
    )
    return Letter.objects.create(
        campaign=campaign, language="fi", compiled=compiled.to_bytes(), digest=compiled.digest, web_html="", text=""
    )


@pytest.mark.parametrize("check", CHECKS)
def test_the_example_organisation_keeps_its_promises(world: World, check: Callable[[], Finding]) -> None:
    assert check().verdict is Verdict.HOLDS
    picture = actions.add_picture(content=photograph(), title="Talo", by=world.author, actor=SYSTEM)
    shown = {"picture": {"image": picture.pk, "alt_text": "Talo", "decorative": False}, "width": "wide", "link": ""}
    actions.begin_sending(campaign=approved(world, ("picture", shown), *BLOCKS), actor=SYSTEM)
    finding = check()
    assert finding.verdict is Verdict.HOLDS, finding.figures


def test_every_check_stands_at_the_port_with_its_negative_control() -> None:
    for claim in claims.CLAIMS:
        assert port.get(claim.id) is claim
        assert claim.negative_control.rpartition("::")[2] in globals()


def test_a_wrong_digit_breaks_s3(world: World) -> None:
    world.controller.business_id = "1234567-2"
    world.controller.save()
    finding = claims.footers_name_the_controller()
    assert (finding.verdict, finding.figures["bad_number"]) == (Verdict.BROKEN, 1)


def test_a_letter_that_names_another_controller_breaks_s3(world: World) -> None:
    approved(world)
    world.controller.street = "Uusikatu 1"
    world.controller.save()
    finding = claims.footers_name_the_controller()
    assert (finding.verdict, finding.figures["letters_without"]) == (Verdict.BROKEN, 1)


def test_before_there_is_a_controller_s3_is_unknown(db: None) -> None:
    assert claims.footers_name_the_controller().verdict is Verdict.UNKNOWN


def test_a_sending_for_a_purpose_outside_the_list_breaks_s5(world: World) -> None:
    actions.begin_sending(campaign=approved(world), actor=SYSTEM)
    Purpose.objects.filter(pk=world.marketing.pk).update(key="profiling")
    finding = claims.letters_have_a_declared_purpose()
    assert (finding.verdict, finding.figures["sent_outside"]) == (Verdict.BROKEN, 1)


@pytest.mark.parametrize("name", ["Muu viestintä", "Muihin tarpeisiin", "Övrig kommunikation", "Other purposes"])
def test_a_purpose_called_other_breaks_s7(world: World, name: str) -> None:
    Purpose.objects.filter(pk=world.research.pk).update(name_en=name)
    finding = claims.purposes_are_named_one_by_one()
    assert (finding.verdict, finding.figures["catch_all"]) == (Verdict.BROKEN, 1)


@pytest.mark.parametrize("name", ["Muutokset sopimuksissa", "Yleisötapahtumat", "Another day's mothers"])
def test_a_purpose_that_only_sounds_like_other_keeps_s7(world: World, name: str) -> None:
    Purpose.objects.filter(pk=world.research.pk).update(name_en=name)
    assert claims.purposes_are_named_one_by_one().verdict is Verdict.HOLDS


def test_a_purpose_without_a_name_in_one_language_breaks_s7(world: World) -> None:
    Purpose.objects.filter(pk=world.research.pk).update(name_sv=" ")
    assert claims.purposes_are_named_one_by_one().verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://127.0.0.1:8000/media/p.gif" width="1" height="1" alt="">',
        '<img src="https://elsewhere.example/a.jpg" width="600" height="300" alt="">',
        f'<img src="http://127.0.0.1:8000/media/{STOP_MARK}.jpg" width="600" height="300" alt="">',
        '<div style="background:url(https://elsewhere.example/a.gif)">x</div>',
        f'<a href="https://elsewhere.example/?who={STOP_MARK}">x</a>',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        "<script>fetch('https://elsewhere.example')</script>",
    ],
)
def test_a_pixel_breaks_s36(world: World, html: str) -> None:
    frozen_by_hand(world, html=html)
    finding = claims.letters_are_the_same_for_everybody()
    assert (finding.verdict, finding.figures["reporting_back"]) == (Verdict.BROKEN, 1)


@pytest.mark.parametrize("table", ["mailroom_clicks", "statistics_clicks", "contact_opened"])
def test_a_table_of_clicks_breaks_s36_whoever_made_it(table: str, world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"create table {table} (contact_id bigint)")
    finding = claims.letters_are_the_same_for_everybody()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["behaviour_kept"] == 2, "the table, and the column in it"


def test_a_letter_as_one_would_be_made_now_is_looked_at_before_the_first_is_frozen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = claims.letters_are_the_same_for_everybody()
    assert (finding.verdict, finding.figures["letters"], finding.figures["made_on_trial"]) == (Verdict.HOLDS, 0, 1)
    frozen_by_hand(world, html='<img src="https://elsewhere.example/a.jpg" width="600" height="300" alt="">')
    (bad,) = list(claims.letters_to_leave())
    monkeypatch.setattr(claims, "letters_to_leave", list)
    monkeypatch.setattr(claims, "trial_letter", lambda: bad)
    assert claims.letters_are_the_same_for_everybody().verdict is Verdict.BROKEN


def test_a_letter_put_in_by_hand_that_reports_nothing_keeps_s36(world: World) -> None:
    frozen_by_hand(world)
    assert claims.letters_are_the_same_for_everybody().verdict is Verdict.HOLDS
    assert Campaign.objects.count() == 1
