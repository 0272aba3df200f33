"""The checks the room contributes to the claims of the notice: each looks at the letters and purposes as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Q
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus
from wagtail.models import Locale

from luvalla.campaigns.examples import Resources, example_message, example_values, part_of, words_of_html
from luvalla.campaigns.freezing import compile_content
from luvalla.campaigns.models import Campaign, Letter, Lifecycle
from luvalla.campaigns.queries import letter_content
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.errors import NotSetUp
from luvalla.organisation.models import Controller, DeclaredField, Purpose
from luvalla.organisation.queries import purposes, the_controller
from luvalla.register.models import Audience
from luvalla.rules.gate import ContactFacts, PermissionFacts
from luvalla.rules.ports import Claim, Finding, Verdict, claims
from luvalla.rules.purposes import is_catch_all
from luvalla.sending.letter import CompiledLetter, Hole, field_hole

State = Lifecycle.State

TO_LEAVE: Final = (State.APPROVED, State.SCHEDULED, State.SENDING, State.PAUSED)
"""States whose letters can still leave."""
NEWEST: Final = 20
"""So many of the newest letters are looked at whatever their state."""
OTHERS_TABLES: Final = ("account_", "auth_", "django_", "mfa_", "socialaccount_", "taggit_", "wagtail")
"""Tables of the libraries, about staff and pages. All others are looked at, whichever room or hand has made them."""
RECEIPTS: Final = ("Disposition-Notification-To", "Return-Receipt-To", "X-Confirm-Reading-To")
# Tables and columns that would keep what a person did with a letter. Whoever reopens a case opened none.
BEHAVIOUR: Final = re.compile(
    r"click|(?<!re)opened|opening|pixel|track|engage|behaviou?r|scor(e|ing)|profil(e|ing)|segment"
)
POSTCODE: Final = re.compile(r"\d{5}")
SMALLEST_PICTURE: Final = 3
"""CSS pixels: what is smaller shows nothing and can only report back."""
FACTS_OF_CONTACTS: Final = frozenset({"permissions", "prohibited", "suppressed", "restricted", "undeliverable"})
FACTS_OF_PERMISSIONS: Final = frozenset({"kind", "audience", "has_evidence", "purposes"})
"""All the gate may know of a person: nothing of it is behaviour."""


def footers_name_the_controller() -> Finding:
    """S3: the controller's record is in order, and every letter that can still leave names it at its end."""
    try:
        controller = the_controller()
    except NotSetUp:
        return Finding(Verdict.UNKNOWN, {"controller": 0})
    letters = list(letters_to_leave())
    trial = trial_letter()
    silent = sum(not _names(each, controller) for each in ([*letters, trial] if trial else letters))
    return Finding.counted(
        {"bad_number": int(not _number_is_right(controller.business_id)),
         "bad_postcode": int(not POSTCODE.fullmatch(controller.postcode)), "letters_without": silent},
        {"letters": len(letters)},
    )  # fmt: skip


def letters_have_a_declared_purpose() -> Finding:
    """S5, its part here: every campaign, and every sending the ledger knows of, had a purpose of the closed list."""
    known = {each.key for each in purposes()}
    sent = LedgerRow.objects.filter(verb="campaigns.begin_sending")
    outside = sent.exclude(purpose__in=known).count()
    strange = Campaign.objects.exclude(purpose__key__in=known).count()
    return Finding.counted({"sent_outside": outside, "campaigns_outside": strange}, {"sendings": sent.count()})


def purposes_are_named_one_by_one() -> Finding:
    """S7: every purpose is named and described in all languages, and none of them is a catch-all."""
    listed = list(Purpose.objects.all())
    texts = [_texts(each) for each in listed]
    return Finding.counted(
        {
            "catch_all": sum(any(map(is_catch_all, each)) for each in texts),
            "unnamed": sum(not all(text.strip() for text in each[1:]) for each in texts),
        },
        {"purposes": len(listed)},
    )


def letters_are_the_same_for_everybody() -> Finding:
    """S36: two recipients' messages differ in nothing but their holes, report nothing back, and nobody is profiled.

    Beside the frozen letters one is looked at that is made now, so that a change shows before the first letter.
    """
    frozen, trial = list(letters_to_leave()), trial_letter()
    letters = [*frozen, trial] if trial else frozen
    return Finding.counted(
        {
            "different": sum(not _differ_only_in_holes(each) for each in letters),
            "reporting_back": sum(_reports_back(each) for each in letters),
            "strange_holes": sum(bool(_strange_holes(each)) for each in letters),
            "behaviour_kept": len(_columns_of_behaviour()),
            "facts_of_behaviour": len(_strange_facts()),
        },
        {"letters": len(frozen), "made_on_trial": int(trial is not None)},
    )


TESTS: Final = "tests/campaigns/test_claims.py::"
CLAIMS: Final = (
    Claim("S3", footers_name_the_controller, TESTS + "test_a_wrong_digit_breaks_s3"),
    Claim("S7", purposes_are_named_one_by_one, TESTS + "test_a_purpose_called_other_breaks_s7"),
    Claim("S36", letters_are_the_same_for_everybody, TESTS + "test_a_pixel_breaks_s36"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def letters_to_leave() -> Iterator[CompiledLetter]:
    """Go through the frozen letters that can still leave, and the newest of all."""
    newest = Letter.objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST]
    chosen = Q(campaign__lifecycle__state__in=TO_LEAVE) | Q(pk__in=list(newest))
    for compiled in Letter.objects.filter(chosen).values_list("compiled", flat=True).iterator():
        yield CompiledLetter.from_bytes(bytes(compiled))


def messages_to_leave() -> Iterator[EmailMessage]:
    """Go through the same letters as an invented recipient would get them."""
    return map(example_message, letters_to_leave())


def trial_letter(audience: Audience | None = None) -> CompiledLetter | None:
    """Compile a letter without words, to an audience or the first, as it would be now; None before there is a purpose.

    Raises LetterUnfit where no letter can be made.
    """
    purpose, audience = Purpose.objects.first(), audience or Audience.objects.first()
    if purpose is None or audience is None:
        return None
    languages = Locale.objects.filter(language_code__in=("fi", "sv", "en"))
    locale = languages.filter(language_code=audience.language).first() or languages.first()
    if locale is None:
        return None
    trial = Campaign(subject="-", purpose=purpose, audience=audience, locale=locale)
    return compile_content(trial, letter_content(trial))


def _names(letter: CompiledLetter, controller: Controller) -> bool:
    """Tell whether both parts of the mail name the controller: its name, number and addresses."""
    wanted = (controller.name, controller.business_id, controller.street, controller.postcode, controller.email)
    message = example_message(letter)
    words = (words_of_html(part_of(message, "html")), part_of(message, "plain"))
    return all(each in " ".join(part.split()) for part in words for each in wanted)


def _number_is_right(business_id: str) -> bool:
    try:
        ytunnus.validate(business_id)
    except NumberError:
        return False
    return True


def _texts(purpose: Purpose) -> list[str]:
    """Give a purpose's key, then its names and descriptions."""
    names = (f"{kind}_{language}" for kind in ("name", "description") for language in ("fi", "sv", "en"))
    return [purpose.key, *(str(getattr(purpose, name)) for name in names)]


def _differ_only_in_holes(letter: CompiledLetter) -> bool:
    """Write the letter to two people, read both messages, and compare them without what stands in their holes."""
    one, two = (_without_holes(example_message(letter, number=number), number) for number in (1, 2))
    return one == two


def _without_holes(message: EmailMessage, number: int) -> tuple[object, ...]:
    values = example_values(number)
    # Numbers 1 and 2 make values of the same length, so that lines are folded alike.
    own = [values[hole].decode() for hole in (Hole.TO, Hole.MESSAGE_ID, Hole.STOP_TOKEN)]

    def bare(text: str) -> str:
        for each in own:
            text = text.replace(each, "-")
        return text

    parts = [bare(str(part.get_content())) for part in message.walk() if part.get_content_maintype() == "text"]
    return ([(name, bare(str(value))) for name, value in message.items()], parts)


def _reports_back(letter: CompiledLetter) -> bool:
    """Tell whether reading the letter would tell anybody: pictures from elsewhere or unseen, receipts, scripts."""
    message = example_message(letter)
    if any(message[each] for each in RECEIPTS):
        return True
    html, token = part_of(message, "html"), example_values()[Hole.STOP_TOKEN].decode()
    seen = Resources(html)
    site = the_controller().base_url.rstrip("/") + settings.MEDIA_URL
    return (
        seen.loads_programs
        or "url(" in html
        or any(not each.startswith(site) or token in each for each in seen.sources)
        or any(side < SMALLEST_PICTURE for side in seen.sides)
        or sum(token in each for each in seen.links) != 1
    )


def _strange_holes(letter: CompiledLetter) -> frozenset[str]:
    """Name the holes that are neither the mail's own nor a declared field."""
    declared = {field_hole(key) for key in DeclaredField.objects.values_list("key", flat=True)}
    return letter.holes - set(Hole) - declared


def _columns_of_behaviour() -> list[str]:
    """Name the tables and columns of the database that would keep what people do with letters."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith(OTHERS_TABLES)]
        columns = [
            f"{table}.{column.name}"
            for table in tables
            for column in connection.introspection.get_table_description(cursor, table)
        ]
    return [each for each in (*tables, *columns) if BEHAVIOUR.search(each)]


def _strange_facts() -> set[str]:
    """Name the facts the gate has of a person that it should not have."""
    return (set(ContactFacts._fields) - FACTS_OF_CONTACTS) | (set(PermissionFacts._fields) - FACTS_OF_PERMISSIONS)
