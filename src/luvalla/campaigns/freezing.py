"""Freezing a letter at approval: compiled once, stored as bytes, and read back from them for ever after."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.http import HttpResponse

from luvalla.campaigns.addresses import STOP, addresses_of
from luvalla.campaigns.errors import LetterUnfit
from luvalla.campaigns.examples import example_message, part_of
from luvalla.campaigns.models import Campaign, Letter
from luvalla.campaigns.previews import Written, preview
from luvalla.campaigns.queries import letter_content, letter_of
from luvalla.campaigns.rendering.content import Content
from luvalla.campaigns.rendering.mail import render_mail
from luvalla.campaigns.rendering.text import render_text
from luvalla.campaigns.rendering.web import render_web
from luvalla.organisation.models import Controller
from luvalla.organisation.queries import the_controller
from luvalla.sending.errors import LetterError
from luvalla.sending.letter import STOP_MARK, CompiledLetter, LetterSource, compile_letter

STOP_MAIL: Final = "stop"
"""Mailbox of stops by mail: stop+TOKEN@ the mail domain."""


def freeze_letter(campaign: Campaign) -> Letter:
    """Write down the campaign's letter as it is now, in the caller's transaction. Raises LetterUnfit."""
    content = letter_content(campaign)
    compiled = compile_content(campaign, content)
    return Letter.objects.create(
        campaign=campaign,
        language=campaign.language,
        compiled=compiled.to_bytes(),
        digest=compiled.digest,
        web_html=render_web(content),
        text=render_text(content),
        grounds={"kinds": list(content.grounds.kinds), "sources": list(content.grounds.sources)},
    )


def compile_content(campaign: Campaign, content: Content) -> CompiledLetter:
    """Compile a letter; its date stays open. Raises LetterUnfit when it cannot become mail."""
    controller = the_controller()
    addresses = addresses_of(
        site=content.addresses.site, language=content.language, ref=campaign.ref, stop_token=STOP_MARK
    )
    try:
        return compile_letter(_source(campaign, replace(content, addresses=addresses), controller))
    except LetterError as fault:
        raise LetterUnfit(str(fault)) from None


def compiled_letter(campaign: Campaign) -> CompiledLetter:
    """Give the campaign's frozen letter; while there is none, what it would be now. Raises LetterUnfit."""
    letter = letter_of(campaign)
    if letter:
        return CompiledLetter.from_bytes(bytes(letter.compiled))
    return compile_content(campaign, letter_content(campaign))


def preview_of(campaign: Campaign, mode: str) -> HttpResponse:
    """Show the campaign's letter in a mode of previews.Mode: the frozen one once there is one."""
    letter = letter_of(campaign)
    return preview(Frozen(letter, campaign.subject) if letter else Written(letter_content(campaign)), mode)


class Frozen:
    """A frozen letter to look at. Nothing of it is rendered again."""

    def __init__(self, letter: Letter, subject: str) -> None:
        """Take the letter with the subject of its campaign, which is frozen with it."""
        self.letter, self.subject, self.language = letter, subject, letter.language
        self.site = the_controller().base_url.rstrip("/")

    def html(self) -> str:
        """Give the HTML part out of the compiled bytes."""
        return part_of(example_message(CompiledLetter.from_bytes(bytes(self.letter.compiled))), "html")

    def text(self) -> str:
        """Give the plain text."""
        return self.letter.text

    def web(self) -> str:
        """Give the page of the archive."""
        return self.letter.web_html


def _source(campaign: Campaign, content: Content, controller: Controller) -> LetterSource:
    return LetterSource(
        from_name=controller.sender_name,
        from_address=controller.sender_address,
        reply_to=controller.email,
        subject=campaign.subject,
        language=campaign.language,
        html=render_mail(content),
        text=render_text(content),
        list_id=f"{campaign.audience.key}.{controller.mail_domain}",
        list_name=campaign.audience.name_in(campaign.language),
        stop_url_prefix=f"{content.addresses.site}/{STOP}/",
        stop_mail_local=STOP_MAIL,
        stop_mail_domain=controller.mail_domain,
        message_id_domain=controller.mail_domain,
    )
