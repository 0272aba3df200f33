"""The HTML part of a letter: MJML through mrml, every rule inlined."""

from __future__ import annotations

from typing import Final

import css_inline
import mrml
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, override, pgettext

from luvalla.campaigns.rendering.body import body_mjml
from luvalla.campaigns.rendering.content import Content
from luvalla.campaigns.rendering.fit import fit
from luvalla.campaigns.rendering.footer import footer_of
from luvalla.campaigns.rendering.place import Place
from luvalla.campaigns.rendering.styles import BREAKPOINT, FONTS, INLINED, LIGHT, kept_rules

ENGLISH_ROLE: Final = 'aria-roledescription="email"'
# Left to itself mrml has every reader fetch the fonts it knows from Google.
NO_FONTS: Final = mrml.RenderOptions(fonts={})
_INLINER: Final = css_inline.CSSInliner(
    inline_style_tags=False, keep_style_tags=True, load_remote_stylesheets=False, extra_css=INLINED
)


def render_mail(content: Content) -> str:
    """Give the HTML of a letter, whole and with its styles inlined."""
    with override(content.language):
        source = _mjml(content)
        role = pgettext("role of a letter", "e-mail")
    html = mrml.to_html(fit(source), render_options=NO_FONTS).content
    return _INLINER.inline(html.replace(ENGLISH_ROLE, f'aria-roledescription="{role}"', 1))


def _mjml(content: Content) -> str:
    right_to_left = bool(get_language_info(content.language)["bidi"])
    context = {
        "content": content,
        "direction": "rtl" if right_to_left else "ltr",
        "far": "left" if right_to_left else "right",
        "breakpoint": BREAKPOINT,
        "fonts": SafeString(FONTS),
        "light": LIGHT,
        "rules": SafeString(kept_rules()),
        "body": body_mjml(content.body, Place(content.addresses.site)),
        "footer": footer_of(content),
    }
    return render_to_string("campaigns/letter.mjml", context)
