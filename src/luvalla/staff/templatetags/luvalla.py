"""The components of the staff interface, for templates: {% load luvalla %}."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext_lazy

from luvalla.rules.ports import Verdict
from luvalla.staff import formats
from luvalla.staff.parts import Clock, Difference, Figure, Part, drawn

register = template.Library()
VERDICTS: Final = {
    Verdict.HOLDS: ("holds", pgettext_lazy("verdict", "Holds")),
    Verdict.BROKEN: ("broken", pgettext_lazy("verdict", "Broken")),
    Verdict.UNKNOWN: ("unknown", pgettext_lazy("verdict", "Unknown")),
    Verdict.NOT_BUILT: ("unbuilt", pgettext_lazy("verdict", "Not built")),
}

for name in (
    "number", "group", "day", "near_day", "time_of_day", "moment", "exact_moment", "today_or_day", "long_moment",
):  # fmt: skip
    register.filter(name, getattr(formats, name))


@cache
def _drawing(place: str) -> SafeString:
    return mark_safe(render_to_string(place).strip())  # noqa: S308  # the product's own file, without any variable


@register.simple_tag
def lv_icon(name: str) -> SafeString:
    """Draw a line icon; decoration only, the word stands beside it."""
    drawing = _drawing(f"staff/icons/{name}.svg").replace(f'id="icon-lv-{name}"', 'class="lv-icon"', 1)
    return mark_safe(drawing.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1))  # noqa: S308  # see above


@register.simple_tag
def lv_mark(verdict: str) -> SafeString:
    """Draw the ring of a verdict ("holds", "broken", "unknown", "not built")."""
    return _drawing(f"staff/marks/{VERDICTS[Verdict(verdict)][0]}.svg")


@register.simple_tag
def lv_logo() -> SafeString:
    """Draw the L."""
    return _drawing("staff/logo.svg")


@register.filter
def verdict_class(verdict: str) -> str:
    """Give the class that colours a verdict."""
    return f"lv-{VERDICTS[Verdict(verdict)][0]}"


@register.filter
def verdict_word(verdict: str) -> str:
    """Give the word of a verdict."""
    return str(VERDICTS[Verdict(verdict)][1])


@register.inclusion_tag("staff/components/verdict.html")
def verdict(value: str, *, plain: bool = False) -> dict[str, Any]:
    """Show a verdict badge: shape, word, colour; plain leaves its box out."""
    return {"verdict": value, "plain": plain}


@register.inclusion_tag("staff/components/proof.html")
def proof(value: str, at: datetime | None) -> dict[str, Any]:
    """Show a proof mark: verdict and time of the last check."""
    return {"verdict": value, "at": at}


@register.inclusion_tag("staff/components/heading.html")
def heading(text: str, *, id: str, meta: str = "", link: str = "", href: str = "") -> dict[str, Any]:  # noqa: A002  # it becomes the attribute of that name
    """Show the heading of a section with the L; meta or a link stand at its end."""
    return {"text": text, "id": id, "meta": meta, "link": link, "href": href}


@register.inclusion_tag("staff/components/state.html")
def state(text: str, *, icon: str = "clock", tone: str = "") -> dict[str, Any]:
    """Show the state of a thing; tone is "", "go", "wait" or "shut"."""
    return {"text": text, "icon": icon, "tone": tone}


@register.inclusion_tag("staff/components/clock.html")
def clock(end: date | datetime | Clock, *, since: date | datetime | None = None, note: str = "") -> dict[str, Any]:
    """Show how much time is left until a day; give a parts.Clock to say it in other words."""
    return {"clock": end if isinstance(end, Clock) else Clock.until(end, since=since, note=note)}


@register.inclusion_tag("staff/components/difference.html")
def difference(value: Difference, *, label: str) -> dict[str, Any]:
    """Show a difference table whose groups add up."""
    return {"difference": value, "label": label}


@register.inclusion_tag("staff/components/figures.html")
def figures(items: Sequence[Figure], *, big: bool = False) -> dict[str, Any]:
    """Show a row of figures with their words."""
    return {"figures": items, "big": big}


@register.inclusion_tag("staff/components/address.html")
def masked(shown: str, *, uncover: str = "") -> dict[str, Any]:
    """Show a masked address; uncover is the address of the page that shows it whole, for those who may."""
    return {"shown": shown, "spoken": shown.replace("•", ""), "uncover": uncover}


@register.inclusion_tag("staff/components/progress.html")
def progress(parts: Sequence[Part], *, label: str, scale: str = "", note: str = "") -> dict[str, Any]:
    """Show how far a sending is: outcomes as patterned parts; the label says the same in words."""
    return {"drawn": drawn(parts), "label": label, "scale": scale, "note": note}


@register.inclusion_tag("staff/components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """Show a form's field with its label, help and error beside their cause."""
    described = " ".join(
        [f"{bound.auto_id}_error"] * bool(bound.errors) + [f"{bound.auto_id}_help"] * bool(bound.help_text)
    )
    # A placeholder would stand in for the label and go away with the first letter.
    attributes: dict[str, str | bool] = {"placeholder": False}
    if described:
        attributes["aria-describedby"] = described
    if bound.errors:
        attributes["aria-invalid"] = "true"
    is_single = isinstance(bound.field.widget, CheckboxInput)
    choices = not is_single and getattr(bound.field.widget, "input_type", "") in {"radio", "checkbox"}
    shown = {"widget": bound.as_widget(attrs=attributes), "choices": choices, "is_single": is_single}
    return {"field": bound, **shown}


@register.inclusion_tag("staff/components/pages.html", takes_context=True)
def pages(context: dict[str, Any], page: Page[Any], *, label: str = "") -> dict[str, Any]:
    """Show where a listing stands and the way to its next and previous page; filters are kept."""
    return {"page": page, "label": label, "request": context["request"]}


@register.simple_tag(takes_context=True)
def query_with(context: dict[str, Any], **changes: Any) -> str:
    """Give the page's own query string with some values changed."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for key, value in changes.items():
        query[key] = value
    return f"?{query.urlencode()}"


@register.simple_block_tag
def note(content: str, tone: str, title: str, icon: str = "") -> SafeString:
    """Show a message in the page: {% note "broken" "What happened" "lock" %}<p>…</p>{% endnote %}."""
    words = {"tone": tone, "title": title, "icon": icon, "content": content}
    return mark_safe(render_to_string("staff/components/note.html", words))  # noqa: S308  # a rendered template


@register.simple_block_tag
def empty(content: str, title: str) -> SafeString:
    """Show what will appear here and how to start it: {% empty "No imports yet" %}<p>…</p>{% endempty %}."""
    words = {"title": title, "content": content}
    return mark_safe(render_to_string("staff/components/empty.html", words))  # noqa: S308  # a rendered template
