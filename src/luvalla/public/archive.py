"""The archive of sent letters: a list, the letters as they were frozen, and a feed for each language.

A letter's page is its stored web form, byte for byte, under a policy of its own: no script, no form, no style but its
own, pictures only from here. The archive knows nothing about who got a letter.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import pgettext
from django.views.decorators.http import condition

from luvalla.campaigns.models import Letter
from luvalla.campaigns.queries import LEFT
from luvalla.campaigns.queries import archive as archived
from luvalla.campaigns.rendering.web import style_hash
from luvalla.organisation.queries import the_controller
from luvalla.public.formats import day
from luvalla.public.page import public_page, show
from luvalla.public.paths import path_of
from luvalla.rules.purposes import LegalBasis

SERVICE: Final = (LegalBasis.CONTRACT, LegalBasis.LEGAL_OBLIGATION)
"""What a contract or the law makes us send is between us and its reader."""
LETTERS_A_PAGE: Final = 30
LETTERS_IN_FEED: Final = 20
LETTER_POLICY: Final = (
    "default-src 'none'; style-src {style}; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FIVE_MINUTES: Final = "public, max-age=300"


def letters(language: str) -> QuerySet[Letter]:
    """Give the letters of a language that anybody may read, the newest first, without their texts."""
    return (
        archived(language)
        .filter(campaign__lifecycle__state__in=LEFT)
        .exclude(campaign__purpose__basis__in=SERVICE)
        .select_related("campaign", "campaign__lifecycle")
        .defer("compiled", "web_html", "text")
    )


@public_page
def archive(request: HttpRequest, *, language: str) -> HttpResponse:
    """List the letters of a language."""
    page = Paginator(letters(language), LETTERS_A_PAGE).get_page(request.GET.get("page"))
    listed = [line(each, language) for each in page.object_list]
    return show("archive.html", language, {"page": "archive", "letters": listed, "page_of_letters": page})


@public_page
def letter(request: HttpRequest, *, language: str, ref: UUID) -> HttpResponse:
    """Show one letter as it was frozen."""
    found = letters(language).filter(campaign__ref=ref).first()
    if found is None:
        raise Http404
    return _frozen(request, found)


@public_page
def feed(request: HttpRequest, *, language: str) -> HttpResponse:  # noqa: ARG001  # a view is given the request
    """Give the newest letters as RSS 2.0."""
    controller = the_controller()
    site = controller.base_url.rstrip("/")
    rss = Rss201rev2Feed(
        title=pgettext("archive", "Letters from %(sender)s") % {"sender": controller.sender_name},
        link=site + path_of("archive", language),
        description=pgettext("archive", "Every letter that was sent, as it was sent."),
        language=language,
        feed_url=site + path_of("feed", language),
    )
    for each in letters(language)[:LETTERS_IN_FEED]:
        address = site + path_of("letter", language, ref=each.campaign.ref)
        rss.add_item(
            title=each.campaign.subject,
            link=address,
            description=each.campaign.preheader,
            unique_id=address,
            pubdate=each.campaign.lifecycle.started_at,
        )
    headers = {"Cache-Control": FIVE_MINUTES}
    return HttpResponse(rss.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8", headers=headers)


def _frozen(request: HttpRequest, found: Letter) -> HttpResponse:
    def etag(_request: HttpRequest) -> str:
        return f'"{found.digest}"'

    @condition(etag_func=etag)
    def page(_request: HttpRequest) -> HttpResponse:
        html = Letter.objects.values_list("web_html", flat=True).get(pk=found.pk)
        policy = LETTER_POLICY.format(style=style_hash(html))
        return HttpResponse(html, headers={"Content-Security-Policy": policy, "Cache-Control": FIVE_MINUTES})

    response: HttpResponse = page(request)
    return response


def line(each: Letter, language: str) -> dict[str, str]:
    """Give what a list shows of a letter."""
    began = each.campaign.lifecycle.started_at
    return {
        "subject": each.campaign.subject,
        "preheader": each.campaign.preheader,
        "day": day(began, language) if began else "",
        "path": path_of("letter", language, ref=each.campaign.ref),
    }
