"""What the room's errors say to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import pgettext, pgettext_lazy

from luvalla.campaigns.errors import (
    BadFile,
    BadLink,
    BadPicture,
    CampaignError,
    CampaignFrozen,
    FileFault,
    IllegalStep,
    Lack,
    LetterChanged,
    LetterIncomplete,
    LetterUnfit,
    LinkFault,
    NotTheApprover,
    PictureFault,
    PictureInUse,
    TimePassed,
    WhyNot,
)

STATES: Final = {
    "draft": pgettext_lazy("campaign state", "draft"),
    "submitted": pgettext_lazy("campaign state", "waiting for approval"),
    "approved": pgettext_lazy("campaign state", "approved"),
    "scheduled": pgettext_lazy("campaign state", "scheduled"),
    "sending": pgettext_lazy("campaign state", "sending"),
    "paused": pgettext_lazy("campaign state", "paused"),
    "finished": pgettext_lazy("campaign state", "sent"),
    "cancelled": pgettext_lazy("campaign state", "cancelled"),
}
STEPS: Final = {
    "submit": pgettext_lazy("campaign step", "Only a draft can be submitted for approval."),
    "return": pgettext_lazy("campaign step", "Only a newsletter that waits for approval can be returned."),
    "approve": pgettext_lazy("campaign step", "Only a newsletter that waits for approval can be approved."),
    "schedule": pgettext_lazy("campaign step", "Only an approved newsletter can be scheduled."),
    "unschedule": pgettext_lazy("campaign step", "Only a scheduled newsletter can be taken off the schedule."),
    "begin": pgettext_lazy("campaign step", "Only an approved newsletter can be sent."),
    "pause": pgettext_lazy("campaign step", "Only a newsletter that is being sent can be paused."),
    "resume": pgettext_lazy("campaign step", "Only a paused newsletter can be resumed."),
    "finish": pgettext_lazy("campaign step", "Only a newsletter that is being sent can be finished."),
    "reopen": pgettext_lazy("campaign step", "Only a newsletter whose sending is finished can be sent again."),
    "cancel": pgettext_lazy("campaign step", "A draft is discarded, and what has been sent cannot be cancelled."),
    "discard": pgettext_lazy("campaign step", "Only a draft can be discarded."),
}
WHY_NOT: Final = {
    WhyNot.AUTHOR: pgettext_lazy("approval", "The author can't approve their own newsletter. Ask another person."),
    WhyNot.LAST_EDITOR: pgettext_lazy(
        "approval", "Whoever edited the newsletter last can't approve it. Ask another person."
    ),
    WhyNot.ROLE: pgettext_lazy("approval", "Approving needs the role of an approver. Ask someone who has it."),
    WhyNot.UNDERTAKING: pgettext_lazy(
        "approval", "The account is shut: it has no valid undertaking of secrecy. Nothing was approved."
    ),
}
LACKS: Final = {
    Lack.SUBJECT: pgettext_lazy("letter lacks", "The subject is missing."),
    Lack.BODY: pgettext_lazy("letter lacks", "The letter has no text yet."),
    Lack.ALTERNATIVE_TEXT: pgettext_lazy(
        "letter lacks", "A picture has no alternative text. Write what it shows, or mark it as decorative."
    ),
    Lack.PICTURE: pgettext_lazy("letter lacks", "A picture's file is missing. Choose the picture again."),
    Lack.LINK: pgettext_lazy("letter lacks", "A link leads to an address that a letter may not link to."),
    Lack.RESERVED_WORD: pgettext_lazy(
        "letter lacks", "The letter holds a word that stands for a recipient's own stop link. Take it out."
    ),
}
FILE_FAULTS: Final = {
    FileFault.NOT_UTF8: pgettext_lazy("campaign file", "The file is not UTF-8 text. Save it as UTF-8."),
    FileFault.TOO_LARGE: pgettext_lazy("campaign file", "The file is larger than %(about)s. A letter is short."),
    FileFault.CONTROL_CHARACTER: pgettext_lazy(
        "campaign file", "There is a control character (%(about)s), which a letter cannot hold."
    ),
    FileFault.NO_SUBJECT: pgettext_lazy("campaign file", 'The line "subject:" is missing or empty.'),
    FileFault.NOT_A_HEADER: pgettext_lazy(
        "campaign file",
        'This should be a line such as "subject: …". Put an empty line between those lines and the letter.',
    ),
    FileFault.UNKNOWN_HEADER: pgettext_lazy(
        "campaign file", 'Nothing is called "%(about)s". There are subject, preheader and language.'
    ),
    FileFault.TWICE: pgettext_lazy("campaign file", '"%(about)s:" is there twice.'),
    FileFault.TOO_LONG: pgettext_lazy("campaign file", "This is too long: %(about)s characters at most."),
    FileFault.UNKNOWN_LANGUAGE: pgettext_lazy("campaign file", "The language is one of %(about)s."),
    FileFault.NO_BODY: pgettext_lazy("campaign file", "There is no letter after the first lines."),
    FileFault.BAD_LINK: pgettext_lazy(
        "campaign file", "A letter may not link to this address. Use https://, http://, mailto: or tel:."
    ),
    FileFault.REMOTE_PICTURE: pgettext_lazy(
        "campaign file",
        "A picture from another site would tell that site who opens the letter. "
        "Put the file beside this one and write its name.",
    ),
    FileFault.NO_ALTERNATIVE_TEXT: pgettext_lazy(
        "campaign file", "The picture has no alternative text. Write what it shows between the square brackets."
    ),
    FileFault.PICTURE_AMONG_WORDS: pgettext_lazy(
        "campaign file", "The picture stands among words. Put it between empty lines, in a paragraph of its own."
    ),
    FileFault.NO_PICTURE: pgettext_lazy("campaign file", "There is no picture of this name beside the file."),
}
LINK_FAULTS: Final = {
    LinkFault.EMPTY: pgettext_lazy("link", "The address of the link is missing."),
    LinkFault.SCHEME: pgettext_lazy("link", "A link begins with https://, http://, mailto: or tel:."),
    LinkFault.NO_HOST: pgettext_lazy("link", "The address has no site after the slashes."),
    LinkFault.CREDENTIALS: pgettext_lazy("link", "The address holds a user name or a password. Leave them out."),
    LinkFault.CHARACTER: pgettext_lazy("link", "There is a character in the address that does not belong there."),
    LinkFault.NOT_AN_ADDRESS: pgettext_lazy("link", "This is no mailbox and no telephone number."),
}
PICTURE_FAULTS: Final = {
    PictureFault.NOT_A_PICTURE: pgettext_lazy("picture", "The file is not a picture. Nothing was kept of it."),
    PictureFault.FORMAT: pgettext_lazy("picture", "A picture is a JPEG, PNG, WebP or GIF. Nothing was kept of it."),
    PictureFault.TOO_MANY_BYTES: pgettext_lazy(
        "picture", "The picture is larger than 10 MB. Make it smaller; nothing was kept of it."
    ),
    PictureFault.TOO_MANY_PIXELS: pgettext_lazy(
        "picture", "The picture has more than 40 million pixels. Make it smaller; nothing was kept of it."
    ),
    PictureFault.BROKEN: pgettext_lazy("picture", "The picture's file is broken or cut short. Nothing was kept of it."),
    PictureFault.REPLACED: pgettext_lazy(
        "picture", "A picture's file can't be replaced: letters show it. Add the new file as a picture of its own."
    ),
}


def sentence_of(error: CampaignError) -> str:
    """Say what happened, in the active language."""
    return SENTENCES[type(error)](error)


def _illegal_step(error: IllegalStep) -> str:
    sentence = pgettext("campaign step", "%(rule)s The state of this one is: %(state)s.")
    return sentence % {"rule": STEPS[error.step], "state": STATES[error.state]}


def _frozen(error: CampaignFrozen) -> str:
    if error.state == "submitted":
        return pgettext("campaign", "The newsletter waits for approval and can't be changed. Return it first.")
    return pgettext("campaign", "The newsletter was approved as it is and can't be changed any more.")


def _bad_file(error: BadFile) -> str:
    # What is wrong with a picture is a sentence already.
    faulty_picture = error.fault is FileFault.BAD_PICTURE
    sentence = error.about if faulty_picture else str(FILE_FAULTS[error.fault]) % {"about": error.about}
    if not error.line:
        return sentence
    return pgettext("campaign file", "Line %(line)d: %(sentence)s") % {"line": error.line, "sentence": sentence}


def _changed(_error: LetterChanged) -> str:
    return pgettext("approval", "The letter was changed after you opened it. Nothing was approved: look at it again.")


def _unfit(error: LetterUnfit) -> str:
    return pgettext("approval", "The letter cannot become mail: %(why)s. Nothing was approved.") % {"why": error.why}


def _time_passed(_error: TimePassed) -> str:
    return pgettext("campaign", "The time of sending has passed. Choose a later one, or send now.")


def _in_use(_error: PictureInUse) -> str:
    return pgettext("picture", "A letter shows this picture, so it stays.")


SENTENCES: Final[Mapping[type[CampaignError], Callable[[Any], str]]] = {
    IllegalStep: _illegal_step,
    CampaignFrozen: _frozen,
    NotTheApprover: lambda error: str(WHY_NOT[error.why]),
    LetterUnfit: _unfit,
    LetterChanged: _changed,
    LetterIncomplete: lambda error: " ".join(str(LACKS[each]) for each in error.lacks),
    TimePassed: _time_passed,
    BadFile: _bad_file,
    BadLink: lambda error: str(LINK_FAULTS[error.fault]),
    BadPicture: lambda error: str(PICTURE_FAULTS[error.fault]),
    PictureInUse: _in_use,
}
