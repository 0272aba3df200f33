"""Figures about few people are not told, nor those they could be worked out from, and the check notices when one is."""

from __future__ import annotations

import pytest
from django.utils import translation

from luvalla.mailroom import queries
from luvalla.mailroom.queries import Progress
from luvalla.register import anonymising
from luvalla.register.models import Audience, ErasedTotal
from luvalla.rights import statistics
from luvalla.rules.ports import Verdict
from luvalla.staff import formats, statistics_claims
from luvalla.staff.deliveries import live
from luvalla.staff.deliveries.live import refusals_shown
from luvalla.staff.statistics_claims import small_groups_are_not_told
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def shown(**withheld: int) -> list[str]:
    with translation.override("en"):
        return [row.shown.replace("\xa0", "") for row in refusals_shown(withheld)]


def test_few_contacts_are_written_as_under_ten() -> None:
    assert shown(suppressed=3, restricted=9, prohibited=1200) == ["under 10", "under 10", "1,200"]
    assert shown(suppressed=3) == ["under 10"]
    assert shown(suppressed=10, prohibited=1200) == ["10", "1,200"]
    assert small_groups_are_not_told().verdict is Verdict.HOLDS


def test_a_larger_group_is_left_untold_where_the_sum_would_tell_the_small_one() -> None:
    assert shown(suppressed=3, restricted=10, prohibited=1200) == ["not told apart", "not told apart", "1,200"]


def test_a_group_of_three_breaks_x6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "told_apart", dict)
    monkeypatch.setattr(formats, "group", formats.number)
    finding = small_groups_are_not_told()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["small_groups_told"] > 0


@pytest.mark.parametrize(
    ("where", "name", "told"),
    [
        (queries, "told_apart", dict),
        (statistics, "told_apart", dict),
        (statistics, "part_told", lambda part, _: part),
        (anonymising, "told_apart", dict),
    ],
)
def test_each_statistic_that_tells_a_small_group_breaks_x6(
    where: object, name: str, told: object, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ErasedTotal.objects.create(kind="customer", audience=world.customers, contacts=3)
    assert small_groups_are_not_told().verdict is Verdict.HOLDS
    monkeypatch.setattr(where, name, told)
    assert small_groups_are_not_told().verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    ("where", "name", "told"),
    [
        (live, "is_small", lambda _: False),
        (formats, "whole", lambda people, **_: formats.number(people)),
        (statistics_claims, "forecast_rows", lambda asked: [{"shown": str(each)} for each in asked.refused.values()]),
        (statistics_claims, "forecast_total", lambda asked: formats.number(asked.total)),
    ],
    ids=["the bar", "how much is handled", "the forecast", "the size of the audience"],
)
def test_each_figure_that_gives_a_small_group_away_breaks_x6(
    where: object, name: str, told: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert small_groups_are_not_told().verdict is Verdict.HOLDS
    monkeypatch.setattr(where, name, told)
    assert small_groups_are_not_told().verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    ("refused", "scale"), [(0, "about 1,000"), (3, "about 1,000"), (9, "about 1,010"), (12, "1,016")]
)
def test_a_bar_doesnt_count_the_few_that_were_refused(refused: int, scale: str) -> None:
    now = Progress(
        campaign=1,
        state="finished",
        permitted=1004,
        accepted=1004,
        withheld={"suppressed": refused},
        total=1004 + refused,
    )
    with translation.override("en"):
        parts, label, said = live.bar_words(now)
    assert f"{scale} / {scale} contacts handled (100 %)" == said
    assert {each.kind: each.count for each in parts}["withheld"] == (refused if refused >= 10 else 0)
    assert label.count(f"gate {refused}") == (refused not in range(1, 10))


def test_an_audience_of_few_is_under_ten() -> None:
    with translation.override("en"):
        assert [formats.whole(each, refused=1) for each in (3, 10, 1007)] == ["under 10", "about 10", "about 1,000"]
        assert formats.whole(1007, refused=10) == "1,007"


def test_a_small_group_that_is_hidden_alone_breaks_x6(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is hidden is worked out as the sum less the rest."""
    for audience, contacts in ((world.customers, 3), (world.prospects, 40)):
        ErasedTotal.objects.create(kind="customer", audience=audience, contacts=contacts)
    assert anonymising.anonymous_totals() == dict.fromkeys(anonymising.sums())
    alone = {key: size if size >= 10 else None for key, size in anonymising.sums().items()}
    monkeypatch.setattr(anonymising, "told_apart", lambda _: alone)
    assert Audience.objects.count() > 1
    assert small_groups_are_not_told().verdict is Verdict.BROKEN
