"""Each record of accountability as a table: for the screen, for a file, and for the auditor's pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext, pgettext_lazy

from luvalla.notices.records import surroundings
from luvalla.notices.records.places import authorities_by_name, state_of, street_address
from luvalla.notices.records.processing import Activity, activities
from luvalla.notices.records.words import BASES, BREACHES, DISCLOSEES, GROUNDS, RISKS, TERMS
from luvalla.notices.rendering import day_in, period_in
from luvalla.notices.retention import Due, look_at_retention
from luvalla.organisation.breaches import account_of, breaches, due_of
from luvalla.organisation.models import BalancingTest, Breach, Disclosee, Processor, Transfer
from luvalla.people.models import Undertaking
from luvalla.people.queries import accounts, roles_of, why_closed
from luvalla.people.words import ROLES
from luvalla.register.disclosures import disclosures_counted

LETTERS: Final = ("register", "deliveries")
"""Activities whose letters need a permission besides the basis."""
Cell = str | int | date | datetime | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A record: its columns and rows in the language of the interface. The first column names the row."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    common: Sequence[tuple[str, str]] = ()
    """Heading and text of what is the same for every row: shown once, and in a file a column of each row."""

    def filed(self) -> tuple[Sequence[str], list[Row]]:
        """Give columns and rows for a file, each row with what is common to all."""
        said = tuple(text for _, text in self.common)
        return (*self.columns, *(heading for heading, _ in self.common)), [(*row, *said) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Record:
    """A record of accountability: what it is called, which article asks for it, and how it is made."""

    key: str
    title: str | Promise
    article: str
    about: str | Promise
    make: Callable[[], tuple[Sequence[str], list[Row]]]
    common: Callable[[], list[tuple[str, str]]] = list

    def table(self) -> Table:
        """Make the table as of now."""
        columns, rows = self.make()
        return Table(self.key, str(self.title), columns, rows, self.common())


def as_filed(cell: Cell) -> str:
    """Give a cell for a file: days and times as ISO 8601, nothing as nothing."""
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def record_of(key: str) -> Record | None:
    """Give the record of that name."""
    return RECORDS.get(key)


def _processing() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "Activity"),
        pgettext("records", "Purpose"),
        pgettext("records", "Legal basis"),
        pgettext("records", "Balancing tests until"),
        pgettext("records", "Permission to send"),
        pgettext("records", "People"),
        pgettext("records", "Data"),
        pgettext("records", "Source"),
        pgettext("records", "Recipients"),
        pgettext("records", "Outside the EEA"),
        pgettext("records", "Erasure"),
        pgettext("records", "Security"),
        pgettext("records", "Claims"),
    )
    return columns, [_activity(each, get_language() or "en") for each in activities()]


def _activity(each: Activity, language: str) -> Row:
    return (
        each.text("name", language),
        each.text("why", language),
        "; ".join(str(BASES[basis]) for basis in each.bases),
        surroundings.balancing_tests() if each.is_declared else None,
        surroundings.permissions() if each.is_declared and each.key in LETTERS else None,
        each.text("about", language),
        each.text("holds", language),
        surroundings.origins(each.origins),
        surroundings.recipients(each.recipients),
        surroundings.transfers(each.recipients),
        each.text("ends", language),
        surroundings.guards(each.guards),
        ", ".join(each.claims),
    )


def _balancing_tests() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "Purpose"),
        pgettext("records", "Interest"),
        pgettext("records", "Necessity"),
        pgettext("records", "Balance"),
        pgettext("records", "Confirmed by"),
        pgettext("records", "The data protection officer's opinion"),
        pgettext("records", "Approved"),
        pgettext("records", "Runs out"),
    )
    tests = BalancingTest.objects.select_related("purpose").order_by("purpose_id", "-expires_at")
    rows: list[Row] = [
        (
            str(each.purpose), each.interest, each.necessity, each.balance, each.confirmed_by, each.opinion,
            _day(each.approved_at), _day(each.expires_at),
        )
        for each in tests
    ]  # fmt: skip
    return columns, rows


def _processors() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "Processor"),
        pgettext("records", "Task"),
        pgettext("records", "Country"),
        pgettext("records", "Contract"),
        pgettext("records", "From"),
        pgettext("records", "Until"),
        pgettext("records", "Missing from the contract"),
        pgettext("records", "Its own processors"),
        pgettext("records", "Last audited"),
        pgettext("records", "Deleted or given back"),
    )
    return columns, [_processor(each) for each in Processor.objects.order_by("name")]


def _processor(each: Processor) -> Row:
    missing = [f"{TERMS[letter]} ({letter})" for letter in TERMS if letter not in each.terms]
    return (
        each.name,
        each.role,
        each.country,
        each.contract_reference,
        each.contract_from,
        each.contract_until,
        "; ".join(missing) or pgettext("records", "nothing"),
        "; ".join(each.subprocessors.splitlines()),
        each.audited_on,
        each.cleared_on or _clearing(each),
    )


def _clearing(each: Processor) -> str | None:
    """Say that a processor whose contract has ended hasn't shown yet what became of the data (GDPR 28(3)(g))."""
    is_over = each.contract_until is not None and each.contract_until < timezone.localdate()
    return pgettext("records", "not shown yet") if is_over else None


def _disclosees() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "Recipient"),
        pgettext("records", "Kind"),
        pgettext("records", "Country"),
        pgettext("records", "Purpose"),
        pgettext("records", "Legal basis"),
        pgettext("records", "From"),
        pgettext("records", "Until"),
        pgettext("records", "Disclosures"),
    )
    language = get_language() or "en"
    given = disclosures_counted()
    rows: list[Row] = [(
        each.name, str(DISCLOSEES[each.kind]), each.country, each.purpose_in(language), str(BASES[each.basis]),
        each.disclosed_from, each.disclosed_until, given[each.pk],
    ) for each in Disclosee.objects.order_by("name")]  # fmt: skip
    return columns, rows


def _transfers() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "Processor"),
        pgettext("records", "Country"),
        pgettext("records", "Ground"),
        pgettext("records", "Reference"),
        pgettext("records", "Checked"),
        pgettext("records", "Runs out"),
    )
    rows: list[Row] = [
        (
            each.processor.name, each.country, str(GROUNDS[each.ground]), each.reference, each.checked_on,
            each.expires_on,
        )
        for each in Transfer.objects.select_related("processor").order_by("processor__name", "country")
    ]  # fmt: skip
    return columns, rows


def _authorities() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "State"),
        pgettext("records", "Authority"),
        pgettext("records", "Address"),
        pgettext("records", "Telephone"),
        pgettext("records", "E-mail"),
        pgettext("records", "Website"),
        pgettext("records", "Compared with its page"),
    )
    language = get_language() or "en"
    rows: list[Row] = [
        (state_of(each, language), each.names[language], street_address(each, language), each.phone, each.email,
         each.website, each.verified_on)
        for each in authorities_by_name()
    ]  # fmt: skip
    return columns, rows


def _retention() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "What is kept"),
        pgettext("records", "For how long"),
        pgettext("records", "Past its time now"),
        pgettext("records", "Who lets it go"),
    )
    by_hand, by_itself = pgettext("records", "the custodian"), pgettext("records", "the system, every night")
    rows: list[Row] = [
        (each.word, _period(each), each.overdue, by_hand if each.by_hand else by_itself)
        for each in look_at_retention(timezone.now())
    ]
    return columns, rows


def _period(each: Due) -> str:
    if each.kept is None:
        return pgettext("records", "until the end noted for it")
    return period_in(each.kept.days, (get_language() or "en")[:2])


def _breaches() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "Breach"),
        pgettext("records", "Aware"),
        pgettext("records", "Tell the authority by"),
        pgettext("records", "What happened"),
        pgettext("records", "People concerned"),
        pgettext("records", "Risk"),
        pgettext("records", "Consequences"),
        pgettext("records", "Measures"),
        pgettext("records", "Told"),
        pgettext("records", "Closed"),
    )
    return columns, [_breach(each) for each in breaches()]


def _breach(each: Breach) -> Row:
    account = account_of(each)
    told = {
        "authority": pgettext("records", "authority %(when)s"),
        "subjects": pgettext("records", "those concerned %(when)s"),
    }
    notices = [told[notice.to] % {"when": _moment(notice.told_at)} for notice in each.notices.all()]
    return (
        f"{each.pk}: {BREACHES[each.kind]}",
        each.aware_at,
        due_of(each),
        account.what,
        each.subjects,
        str(RISKS[each.risk]),
        account.consequences,
        account.measures,
        "; ".join(notices) or account.why_nobody_told,
        each.closed_at,
    )


def _access() -> tuple[Sequence[str], list[Row]]:
    columns = (
        pgettext("records", "Person"),
        pgettext("records", "Employer"),
        pgettext("records", "Task"),
        pgettext("records", "Roles"),
        pgettext("records", "Account"),
        pgettext("records", "Undertaking signed"),
        pgettext("records", "Holds until"),
    )
    rows: list[Row] = []
    for user in accounts():
        signed: Undertaking | None = user.undertaking
        is_open = why_closed(user) is None
        rows.append(
            (
                user.full_name,
                user.employer.name if user.employer else "",
                getattr(user, "appointed_for", ""),
                ", ".join(str(ROLES[each]) for each in roles_of(user)),
                pgettext("records", "open") if is_open else pgettext("records", "shut"),
                _day(signed.signed_at) if signed else None,
                _day(signed.valid_until) if signed else None,
            )
        )
    return columns, rows


def _moment(moment: datetime) -> str:
    """Write a moment within a sentence as its reader does; hours count where an authority is told (GDPR 33(1))."""
    at, language = timezone.localtime(moment), get_language() or "en"
    return f"{day_in(at.date(), language)} " + (f"{at:%H:%M}" if language == "en" else f"{at.hour}.{at:%M}")


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


RECORDS: Final[Mapping[str, Record]] = {
    each.key: each
    for each in (
        Record(
            "processing",
            pgettext_lazy("records", "Record of processing activities"),
            "30",
            pgettext_lazy("records", "What is processed, why, about whom, until when. Made from what is really kept."),
            _processing,
            surroundings.keeper,
        ),
        Record(
            "balancing-tests",
            pgettext_lazy("records", "Balancing tests"),
            "6(1)(f)",
            pgettext_lazy("records", "The assessment behind each legitimate interest. Run out, it closes sending."),
            _balancing_tests,
        ),
        Record(
            "processors",
            pgettext_lazy("records", "Processors"),
            "28",
            pgettext_lazy("records", "Who processes on our behalf, where, and until when the contract runs."),
            _processors,
        ),
        Record(
            "disclosees",
            pgettext_lazy("records", "Recipients"),
            "13(1)(e)",
            pgettext_lazy("records", "To whom personal data is disclosed for purposes of their own."),
            _disclosees,
        ),
        Record(
            "transfers",
            pgettext_lazy("records", "Transfers"),
            "44–49",
            pgettext_lazy("records", "The ground of each transfer outside the EEA. Without one nothing leaves."),
            _transfers,
        ),
        Record(
            "authorities",
            pgettext_lazy("records", "Supervisory authorities"),
            "51, 77",
            pgettext_lazy("records", "Where people can complain in each EEA state, and when that was last looked up."),
            _authorities,
        ),
        Record(
            "retention",
            pgettext_lazy("records", "Retention schedule"),
            "5(1)(e)",
            pgettext_lazy("records", "What is let go when its time is over, and what is late at this moment."),
            _retention,
        ),
        Record(
            "breaches",
            pgettext_lazy("records", "Breaches"),
            "33–34",
            pgettext_lazy("records", "Every personal data breach, with the clock for telling the authority."),
            _breaches,
        ),
        Record(
            "access",
            pgettext_lazy("records", "Access and undertakings"),
            "29, 32(4)",
            pgettext_lazy("records", "Who may reach the register, for whom they work, and what they have signed."),
            _access,
        ),
    )
}
"""The records in the order in which they are shown."""
