"""Making a letter: what staff wrote, then the parts the law asks for. A letter without one of these is not made."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.utils import timezone

from luvalla.organisation.authorities import authority
from luvalla.organisation.models import Controller
from luvalla.organisation.queries import the_controller
from luvalla.rights.carrying_out import ALL_MARKETING
from luvalla.rights.cases import said as said_of
from luvalla.rights.clocks import clocks_of
from luvalla.rights.errors import LetterIncomplete
from luvalla.rights.grounds import SECTION_34
from luvalla.rights.letters.texts import texts
from luvalla.rights.models import DataRequest, Decision
from luvalla.rights.queries import current_decision, is_paper_found
from luvalla.rights.rulings import granted_rights, grounds_named, rulings_of
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import Prohibited

HOME_COUNTRY: Final = "FI"
REASONS: Final = "reasons"
COMPLAINT: Final = "complaint"
FREE: Final = "free"
FEE: Final = "fee"
PAID: Final = "paid"
UNTOLD: Final = "untold"
"""That the reasons are written down and not told (Data Protection Act, section 34(3))."""
OMBUDSMAN: Final = "ombudsman"
"""The part that says that the Data Protection Ombudsman gets what the person may not see (section 34(4))."""
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Kind(StrEnum):
    """What a letter is."""

    ACKNOWLEDGEMENT = "acknowledgement"
    QUESTION = "question"
    EXTENSION = "extension"
    REPLY = "reply"
    NO_DATA = "no_data"
    CERTIFICATE = "certificate"
    PARTIAL = "partial"
    LIFTING = "lifting"
    DISCLOSEE = "disclosee"
    LINK = "link"


NO_ANSWERS: Final = frozenset({Kind.QUESTION, Kind.EXTENSION, Kind.LIFTING, Kind.DISCLOSEE, Kind.LINK})
"""Letters that answer nothing."""
REFUSALS: Final = frozenset({Kind.CERTIFICATE, Kind.PARTIAL})
NEED_REASONS: Final = REFUSALS | {Kind.QUESTION, Kind.EXTENSION}
ONLY_MAILED: Final = frozenset({"prove", "link"})
"""Parts that hold a link: they go to the registered mailbox alone, never into the PDF that staff can open."""
OF_THE_BODY: Final = ONLY_MAILED | {"lift_on", "enclosed", "enclosed_files", "enclosed_paper"}
"""Parts that are what the letter is about: they stand in its body, the others below it in small print."""
REQUIRED: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.CERTIFICATE: ("complaint", "remedy", "free"),
    Kind.PARTIAL: ("complaint", "remedy", "free"),
    Kind.EXTENSION: ("complaint", "remedy", "new_due"),
    Kind.REPLY: ("complaint", "remedy"),
    Kind.NO_DATA: ("complaint", "remedy"),
    Kind.ACKNOWLEDGEMENT: ("due",),
    Kind.QUESTION: ("clock_runs", "no_documents"),
    Kind.DISCLOSEE: ("disclosee",),
    Kind.LIFTING: ("lift_on", "lifting"),
}
"""Parts without which a letter of that kind is not issued (GDPR 12(3)-(5), 77, 79)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A finished letter: its words, part by part."""

    kind: Kind
    language: str
    subject: str
    title: str
    case: str
    day: str
    paragraphs: tuple[str, ...] = field(repr=False)
    """What staff wrote or left as it was."""
    pairs: tuple[tuple[str, str], ...] = field(repr=False)
    """Heading and text of a decision: decision, facts, ground, reasons, what was done instead."""
    parts: tuple[tuple[str, str], ...]
    """Name and text of the parts that the law asks for."""
    signer: str
    has_case: bool = True
    """Whether what it names is a case's number; else it is a reference of its own."""

    @property
    def body_parts(self) -> list[tuple[str, str]]:
        """Give the parts that stand in the letter's body."""
        return [each for each in self.parts if each[0] in OF_THE_BODY]

    @property
    def small_print(self) -> list[str]:
        """Give what stands below it."""
        return [said for name, said in self.parts if name not in OF_THE_BODY]


def default_paragraphs(kind: Kind, request: DataRequest, granted: Collection[Right] | None = None) -> list[str]:
    """Give what a new letter says before anybody edits it; granted is what will have been done, if not all of it."""
    words, values = texts(request.language), values_of(request)
    written = [each.format_map(values) for each in words[kind]["paragraphs"]]
    is_complaint = set(request.chosen) == {Right.COMPLAINT}
    if is_complaint and "complained" in words[kind]:
        written = [words[kind]["complained"].format_map(values)]
    if kind is Kind.ACKNOWLEDGEMENT:
        if not request.chosen:
            written = [words[kind]["unsorted"].format_map(values)]
        written += _on_arrival(request, words)
    if kind is Kind.REPLY:
        return [*written, *done_in(request, request.chosen)]
    decision = _decision_on(request)
    if kind is Kind.PARTIAL and decision is not None and decision.fee is not None:
        return [words[kind]["with_fee"].format_map(values)]
    if kind is Kind.PARTIAL:
        return [*written, *done_in(request, granted if granted is not None else granted_rights(request, decision))]
    return written


def _fixed(kind: Kind, request: DataRequest, words: Mapping[str, Any]) -> Iterator[str]:
    """Name the parts of the law; whoever complains is told of the authority at once, and of the one they named."""
    is_told_at_once = kind is Kind.ACKNOWLEDGEMENT and Right.COMPLAINT in request.chosen
    for each in [*words[kind]["fixed"], *([COMPLAINT] if is_told_at_once else [])]:
        yield each
        if each == COMPLAINT and request.pk and said_of(request).authority not in {"", HOME_COUNTRY}:
            yield "complaint_chosen"


def _on_arrival(request: DataRequest, words: Mapping[str, Any]) -> Iterator[str]:
    """Tell what a request changes here, was done at once, and could not be kept."""
    texts_of, new = words[Kind.ACKNOWLEDGEMENT], said_of(request).new_address
    if new:
        yield texts_of["corrected"].format(new=new)
    for right in (Right.FORGETTING, Right.ANONYMISATION):
        if right in request.chosen:
            yield texts_of[right]
    if request.blocked_at:
        yield texts_of["blocked"]
    if request.prohibited and not request.to_stop:
        yield texts_of["forbidden"].format(kinds=_kinds_in(request.prohibited, words))
    if request.events.filter(kind="files_left_out").exists():
        yield texts_of["left_out"]


def write(
    kind: Kind,
    request: DataRequest,
    *,
    paragraphs: Sequence[str],
    decision: tuple[Decision, Mapping[str, str]] | None = None,
    extra: Mapping[str, str] | None = None,
    more_parts: Sequence[str] = (),
    pairs: Sequence[tuple[str, str]] = (),
    language: str = "",
    signer: str = "",
) -> Text:
    """Put a letter together, in the request's language where none is given.

    Raises LetterIncomplete where the reasons or a part of the law is missing.
    """
    language = language or request.language
    words = texts(language)
    values = {**values_of(request, language), **(extra or {})}
    fee = decision[0].fee if decision and kind in REFUSALS else None
    cost, cost_values = _cost(kind, decision[0] if decision else _decision_on(request), language)
    values |= cost_values
    grounds = grounds_named(request, decision[0]) if decision and kind in REFUSALS else []
    checked = [OMBUDSMAN] if SECTION_34 & set(grounds) else []
    names = [*more_parts, *checked, *(cost if each == FREE else each for each in _fixed(kind, request, words))]
    parts = tuple((name, words["parts"][name].format_map(values)) for name in names if name in words["parts"])
    text = Text(
        kind=kind,
        language=language,
        subject=words[kind]["subject"].format_map(values),
        title=_title(kind, request, words, has_fee=fee is not None),
        case=request.number,
        day=day_in(timezone.localdate(), language),
        paragraphs=(*_lead(words[kind], values), *(each.strip() for each in paragraphs if each.strip())),
        pairs=_decided(request, decision, words, values) if decision else tuple(pairs),
        parts=parts,
        signer=signer or words["names"]["role_system"],
    )
    require_parts(text, also=checked)
    return text


def _title(kind: Kind, request: DataRequest, words: Mapping[str, Any], *, has_fee: bool) -> str:
    if has_fee:
        return str(words["names"]["title_with_fee"])
    if kind is Kind.NO_DATA and is_paper_found(request):
        return str(words["names"]["title_only_paper"])
    return str(words[kind]["title"])


def _decision_on(request: DataRequest) -> Decision | None:
    return current_decision(request) if request.pk else None


def _cost(kind: Kind, decision: Decision | None, language: str) -> tuple[str, dict[str, str]]:
    """Name the part that says what the request costs, with its figures: nothing, a fee to pay, or one that was paid."""
    if decision is None or decision.fee is None:
        return FREE, {}
    fee = {"fee": money_in(decision.fee, language)}
    if kind in REFUSALS:
        return FEE, fee
    paid = decision.fee_paid_on
    return (PAID, {**fee, "paid_on": day_in(paid, language)}) if paid else (FREE, {})


def require_parts(text: Text, also: Sequence[str] = ()) -> None:
    """Refuse a letter that lacks what the law asks for, also for its ground; LetterIncomplete names the part."""
    has = {name for name, said in text.parts if said.strip()}
    for name in (*REQUIRED.get(text.kind, ()), *also):
        if name not in has and not (name == FREE and has & {FEE, PAID}):
            raise LetterIncomplete(name)
    words = texts(text.language)["names"]
    if text.kind in REFUSALS:
        said = {heading for heading, value in text.pairs if value.strip()}
        for name in ("decision", "facts", "ground", REASONS):
            if words[name] not in said:
                raise LetterIncomplete(name)
    elif text.kind in NEED_REASONS and len(text.paragraphs) <= len(texts(text.language)[text.kind]["lead"]):
        raise LetterIncomplete(REASONS)


def done_in(request: DataRequest, granted: Collection[Right]) -> list[str]:
    """Say what the rights that were granted have led to, one by one, in the reader's words."""
    words, told = texts(request.language), said_of(request)
    forbidden = _kinds_in(request.prohibited or int(ALL_MARKETING), words)
    done = dict(words["done"])
    if told.keep_token:
        done[Right.FORGETTING] = done[Right.ERASURE]
    if not told.new_address:
        del done[Right.RECTIFICATION]
    return [done[each].format(kinds=forbidden) for each in granted if each in done]


def _lead(words: Mapping[str, Any], values: Mapping[str, str]) -> list[str]:
    return [each.format_map(values) for each in words.get("lead", ())]


def values_of(request: DataRequest, language: str = "") -> dict[str, str]:
    """Give what the sentences name: the case, its days and the authority."""
    language, home = language or request.language, authority(HOME_COUNTRY).as_facts()
    rights = texts(language)["rights"]
    swedish = language == "sv"
    return {
        "number": request.number,
        "received": day_in(request.receipt_date, language),
        "due": day_in(request.due_on, language),
        "extended_due": day_in(request.extended_due_on, language),
        "first_due": day_in(clocks_of(request).first, language),
        "rights": ", ".join(rights[each] for each in request.chosen) or rights["none"],
        "authority": _within_a_sentence(home[f"name_{language}"], language),
        "authority_street": home["street_sv" if swedish else "street"],
        "authority_postcode": home["postcode"],
        "authority_city": home["city_sv" if swedish else "city"],
        "authority_email": home["email"],
        "authority_phone": home["phone"],
        "authority_website": home["website"],
        **_chosen_authority(request, language),
        "controller": the_controller().name,
        "contact": contact_of(the_controller()),
    }


def _within_a_sentence(name: str, language: str) -> str:
    """Write the name of an office as it stands within a sentence: in Finnish and Swedish it begins small.

    >>> _within_a_sentence("Dataombudsmannens byrå", "sv")
    'dataombudsmannens byrå'
    """
    return name if language == "en" else name[:1].lower() + name[1:]


def capitalised(text: str) -> str:
    """Begin a text with a capital, and leave the rest as it is.

    >>> capitalised("omien tietojen tarkastaminen")
    'Omien tietojen tarkastaminen'
    """
    return text[:1].upper() + text[1:]


def _chosen_authority(request: DataRequest, language: str) -> dict[str, str]:
    """Give the authority a complainer has named, with the ways to it that are known."""
    country = said_of(request).authority if request.pk else ""
    if not country:
        return {}
    known = authority(country)
    ways = ", ".join(each for each in (known.email, known.phone, known.website) if each)
    return {"chosen_authority": known.names[language], "chosen_ways": ways}


def _kinds_in(prohibited: int, words: Mapping[str, Any]) -> str:
    return ", ".join(words["values"][each.name.lower()] for each in Prohibited(prohibited) if each.name)


def contact_of(controller: Controller) -> str:
    """Tell where the desk is reached: the rights mailbox, and the telephone where there is one."""
    return ", ".join(each for each in (controller.dpo_email, controller.phone) if each)


def day_in(day: date | datetime, language: str) -> str:
    """Write a day as people of the language do."""
    at = timezone.localtime(day).date() if isinstance(day, datetime) else day
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}" if language == "en" else f"{at.day}.{at.month}.{at.year}"


def moment_in(at: datetime, language: str) -> str:
    """Write a moment as its readers do: the day and the local time."""
    local = timezone.localtime(at)
    return f"{day_in(local, language)} {local:%H:%M}"


def money_in(amount: Decimal, language: str) -> str:
    """Write euros as people of the language do.

    >>> money_in(Decimal("12.5"), "fi"), money_in(Decimal("12.5"), "sv"), money_in(Decimal("12.5"), "en")
    ('12,50 euroa', '12,50 euro', '12.50 euros')
    """
    euros = {"fi": "euroa", "sv": "euro", "en": "euros"}[language]
    written = f"{amount:.2f}"
    return f"{written if language == 'en' else written.replace('.', ',')} {euros}"


def _decided(
    request: DataRequest,
    decision: tuple[Decision, Mapping[str, str]],
    words: Mapping[str, Any],
    values: Mapping[str, str],
) -> tuple[tuple[str, str], ...]:
    row, told = decision
    names, has_fee = words["names"], row.fee is not None
    ruled, grounds = _right_by_right(request, row, words, is_untold=UNTOLD in told)
    if UNTOLD in told:
        told = {**told, "facts": words["untold"]["facts"], REASONS: words["untold"][REASONS]}
    outcome = words["outcomes"][FEE if has_fee else row.outcome]
    said = (
        (names["decision"], "\n".join([outcome, *ruled])),
        (names["fee"], values.get("fee", "")),
        (names["facts"], told.get("facts", "")),
        (names["ground"], words["grounds"][FEE] if has_fee else grounds),
        (names["reasons"], told.get("reasons", "")),
        (names["instead"], told.get("instead", "")),
        (names["payment"], told.get("payment", "")),
    )
    return tuple((heading, value) for heading, value in said if value.strip())


def _right_by_right(
    request: DataRequest, decision: Decision, words: Mapping[str, Any], *, is_untold: bool
) -> tuple[list[str], str]:
    """Say of each right how it was decided, where several are asked for; and the ground of what is refused.

    A ground that differs from right to right stands beside its own. Where the reasons are not told, which limit it is
    would say as much as they: the section alone is named.
    """
    rulings = rulings_of(request, decision)
    names = {right: capitalised(words["rights"][right]) for right in rulings}
    is_ruled = len(rulings) > 1 and decision.fee is None
    ruled = [f"{names[right]}: {words['rulings'][each.outcome]}" for right, each in rulings.items()] if is_ruled else []
    grounds = {
        right: str(words["grounds"].get(UNTOLD if is_untold else each.ground, ""))
        for right, each in rulings.items()
        if each.ground
    }
    if len(set(grounds.values())) > 1:
        return ruled, "\n".join(f"{names[right]}: {ground}" for right, ground in grounds.items())
    alone = next(iter(grounds.values()), words["grounds"].get(UNTOLD if is_untold else decision.ground, ""))
    return ruled, str(alone)
