"""`luvalla campaign create FILE.md` and `luvalla campaign approve ID`: a letter from a file, and a second look."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from luvalla.cli.django import with_django
from luvalla.cli.errors import NotFound, Refused, SecondPersonNeeded
from luvalla.cli.groups import WholeSentences
from luvalla.cli.language import pgettext
from luvalla.cli.output import json_option, print_json, print_line, say

if TYPE_CHECKING:
    from luvalla.campaigns.models import Campaign
    from luvalla.people.models import User
    from luvalla.people.roles import Capability
    from luvalla.register.models import Audience

AUTHOR = "author"


@click.group(cls=WholeSentences, help=pgettext("command", "Write and approve campaigns."))
def command() -> None:
    """Write and approve campaigns."""


@command.command(help=pgettext("command", "Write a campaign from a Markdown file and submit it for approval."))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--audience", default="", help=pgettext("command", "Key of the audience it is addressed to."))
@click.option("--purpose", required=True, help=pgettext("command", "Key of the purpose it is sent for."))
@click.option("--by", default=AUTHOR, show_default=True, help=pgettext("command", "User name of the author."))
@click.option("--draft", is_flag=True, help=pgettext("command", "Leave it as a draft to go on with in the editor."))
@json_option
@with_django
def create(file: Path, *, audience: str, purpose: str, by: str, draft: bool, as_json: bool) -> None:
    """Write the campaign and print its id as the last line."""
    from luvalla.campaigns.errors import CampaignError
    from luvalla.people.roles import Capability

    author = _person(by, Capability.WRITE_CAMPAIGN)
    try:
        campaign, named = _write(file, audience, purpose, author, submit=not draft)
    except CampaignError as fault:
        sentence = f"{file.name}: {fault}"
        raise Refused(sentence) from None
    for each in named:
        say(
            pgettext("command", "The letter names %(address)s. Everybody who gets it will see that.")
            % {"address": each}
        )
    if as_json:
        print_json({"id": campaign.pk, "ref": campaign.ref, "state": campaign.lifecycle.state, "names": named})
        return
    if draft:
        say(pgettext("command", "The campaign is a draft. Submit it for approval in the editor."))
    else:
        say(pgettext("command", "The campaign waits for the approval of another person."))
    print_line(str(campaign.pk))


@command.command(help=pgettext("command", "Approve a campaign: its letter is frozen as it is."))
@click.argument("number", metavar="ID", type=int)
@click.option(
    "--by", required=True, help=pgettext("command", "User name of the approver, another person than the author.")
)
@json_option
@with_django
def approve(number: int, *, by: str, as_json: bool) -> None:
    """Approve the campaign and tell the digest of its frozen letter."""
    from luvalla.campaigns.actions import approve_campaign
    from luvalla.campaigns.errors import CampaignError, NotTheApprover
    from luvalla.campaigns.queries import campaigns, letter_of
    from luvalla.people.queries import actor_of

    campaign = campaigns().filter(pk=number).first()
    if campaign is None:
        raise NotFound(pgettext("command", "There is no campaign %(number)d.") % {"number": number})
    approver = _account(by)
    try:
        approve_campaign(campaign=campaign, by=approver, actor=actor_of(approver))
    except NotTheApprover as fault:
        raise SecondPersonNeeded(str(fault)) from None
    except CampaignError as fault:
        raise Refused(str(fault)) from None
    letter = letter_of(campaign)
    digest = letter.digest if letter else ""
    if as_json:
        print_json({"id": campaign.pk, "state": campaign.lifecycle.state, "digest": digest})
        return
    print_line(
        pgettext("command", "Campaign %(number)d is approved and frozen: %(digest)s")
        % {"number": number, "digest": digest}
    )


def _write(file: Path, audience: str, purpose: str, author: User, *, submit: bool) -> tuple[Campaign, tuple[str, ...]]:
    """Read the file and write the campaign, all of it or nothing."""
    from luvalla.campaigns.actions import create_campaign_from_file
    from luvalla.organisation.models import Purpose
    from luvalla.people.queries import actor_of
    from luvalla.register.models import Audience

    to = Audience.objects.filter(key=audience).first() if audience else _regular_audience()
    for_what = Purpose.objects.filter(key=purpose).first()
    if to is None:
        raise NotFound(
            _unknown(
                pgettext("command", "There is no audience %(key)s."),
                audience,
                Audience.objects.order_by("pk").values_list("key", flat=True),
            )
        )
    if for_what is None:
        raise NotFound(
            _unknown(
                pgettext("command", "The notice names no purpose %(key)s."),
                purpose,
                Purpose.objects.order_by("pk").values_list("key", flat=True),
            )
        )
    return create_campaign_from_file(
        file=file, purpose=for_what, audience=to, author=author, actor=actor_of(author), submit=submit
    )


def _regular_audience() -> Audience | None:
    """Give the audience of the regular source, which is the first that isn't a form."""
    from luvalla.register.models import Source

    source = Source.objects.filter(is_sign_up=False).select_related("default_audience").order_by("pk").first()
    return source.default_audience if source else None


def _unknown(sentence: str, key: str, among: Iterable[str]) -> str:
    known = ", ".join(among)
    return f"{sentence % {'key': key}} {pgettext('command', 'There are: %(known)s.') % {'known': known}}"


def _person(name: str, capability: Capability) -> User:
    """Give the account that stands open and may do this."""
    from luvalla.people.queries import may

    user = _account(name)
    if not may(user, capability):
        sentence = pgettext("command", "The account %(name)s may not do this: its role or its undertaking is missing.")
        raise Refused(sentence % {"name": name})
    return user


def _account(name: str) -> User:
    from luvalla.people.queries import user_named

    user = user_named(name)
    if user is None:
        raise NotFound(pgettext("command", "There is no account %(name)s.") % {"name": name})
    return user
