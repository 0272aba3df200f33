"""What letters say of where addresses are from, with the first of them at the latest (GDPR 14(2)(f), 14(3)(b); S16)."""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID

from luvalla.campaigns.addresses import addresses_of
from luvalla.campaigns.claims import TO_LEAVE, trial_letter
from luvalla.campaigns.examples import Resources, example_message, part_of, words_of_html
from luvalla.campaigns.models import Letter
from luvalla.campaigns.queries import audience_grounds
from luvalla.organisation.queries import the_controller
from luvalla.register.models import Audience
from luvalla.sending.letter import CompiledLetter

AUDIENCES: Final = 20
"""So many audiences get a letter on trial."""


class Telling(NamedTuple):
    """What letters were looked at, and which of them don't tell a source of their audience or don't lead to the notice.

    purposes: keys of those whose letters can still leave and are silent.
    """

    letters: int
    silent: int
    tried: int
    silent_on_trial: int
    purposes: tuple[str, ...]


def look_at_sources() -> Telling:
    """Read the mails that can still leave, and one of each audience as it would be made now, as a recipient gets them.

    Whoever signed up gave the address, and need not be told where it is from; of all other sources each is named.
    """
    frozen = Letter.objects.filter(campaign__lifecycle__state__in=TO_LEAVE).select_related(
        "campaign__audience", "campaign__purpose"
    )
    silent = [each for each in frozen if not _tells(_compiled(each), each.campaign.audience)]
    tried = [(made, each) for each in Audience.objects.order_by("pk")[:AUDIENCES] if (made := trial_letter(each))]
    return Telling(
        letters=len(frozen),
        silent=len(silent),
        tried=len(tried),
        silent_on_trial=sum(not _tells(*each) for each in tried),
        purposes=tuple(sorted({each.campaign.purpose.key for each in silent})),
    )


def _compiled(letter: Letter) -> CompiledLetter:
    return CompiledLetter.from_bytes(bytes(letter.compiled))


def _tells(letter: CompiledLetter, audience: Audience) -> bool:
    """Tell whether both parts of the mail name the audience's sources and lead to the notice in the mail's language."""
    message = example_message(letter)
    html, text, language = part_of(message, "html"), part_of(message, "plain"), str(message["Content-Language"])
    site = the_controller().base_url
    notice = addresses_of(site=site, language=language, ref=UUID(int=0)).notice
    names = [each.name_in(language) for each in audience_grounds(audience)[1] if not each.is_sign_up]
    words = (words_of_html(html), " ".join(text.split()))
    return notice in Resources(html).links and notice in text and all(name in each for each in words for name in names)
