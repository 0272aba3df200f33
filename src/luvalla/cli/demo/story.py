"""The demo's story, step by step, each counted at both ends: what we recorded, and what was seen from outside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from luvalla.cli.demo.letters import OUTAGES, SOLAR, SURVEY, DemoLetter, write_letter
from luvalla.cli.demo.promises import check_promises, compare_authorities, write_to_ourselves
from luvalla.cli.demo.web import WebPages
from luvalla.cli.example_export import write_export, write_next_export
from luvalla.cli.language import pgettext
from luvalla.jobs.process import opened_elsewhere

if TYPE_CHECKING:
    from pathlib import Path

    from luvalla.cli.demo.stage import Stage
    from luvalla.mailroom.catching import CaughtMail

CUSTOMERS: Final = 1200
GROUPS: Final = ("new", "duplicate", "suppressed", "refused")
SHAPED_LIKE_AN_ADDRESS: Final = re.compile(rb"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
STOP_LINK: Final = re.compile(r"<(https?://[^>]+)>")
ONE_CLICK: Final = {"List-Unsubscribe": "One-Click"}


class Step(NamedTuple):
    """One step: what our records say, what was seen at the other end, and whether the two agree."""

    name: str
    recorded: str
    seen: str
    agree: bool


class Readers(NamedTuple):
    """Three people of the story, by the first letters they got."""

    stops: CaughtMail
    forbids: CaughtMail
    restricted: CaughtMail


def play(stage: Stage) -> list[Step]:
    """Play the main flow and tell each step; an address that was stopped may not be seen again."""
    export = stage.folder / "asiakkaat.csv"
    steps = [_import(stage, export)]
    steps.append(_send(stage, OUTAGES, without=[]))
    readers = _choose_readers(stage.received())
    with WebPages() as web:
        steps += [_stop(stage, web, readers.stops), _forbid_marketing(stage, web, readers.forbids)]
    steps.append(_restrict(stage, readers.restricted))
    steps.append(_import_again(stage, export, readers.stops))
    gone = [readers.stops, readers.restricted]
    steps.append(_send(stage, SOLAR, without=[*gone, readers.forbids]))
    steps.append(_send(stage, SURVEY, without=gone))
    steps += [_write_to_ourselves(stage), _compare_authorities(stage), _check_promises(stage)]
    steps.append(_verify_ledger(stage))
    steps.append(_search_home(stage, export))
    return steps


def _import(stage: Stage, export: Path) -> Step:
    expected = write_export(export, customers=CUSTOMERS)
    done = stage.command("import", str(export), "--source", "crm", "--permission", "customer")
    recorded, seen = _counts(done["groups"]), _counts(expected.groups)
    name = pgettext("demo", "The export of the customer information system is imported")
    return Step(name, recorded, f"{seen} ({pgettext('demo', 'as written into the file')})", recorded == seen)


def _send(stage: Stage, letter: DemoLetter, *, without: list[CaughtMail]) -> Step:
    file, already = write_letter(letter, stage.folder), len(stage.received())
    written = stage.command("campaign", "create", str(file), "--audience", letter.audience, "--purpose", letter.purpose)
    number = str(written["id"])
    stage.command("campaign", "approve", number, "--by", "approver")
    done = stage.command("send", number)
    mails = Counter(mail.recipients[0] for mail in stage.received(already))
    forbidden = sum(mails[mail.recipients[0]] for mail in without)
    agree = done["accepted"] == mails.total() == len(mails) and not forbidden and not done["unknown"]
    name = pgettext("demo", "Written, approved by a second person, sent: %(subject)s") % {"subject": _subject(letter)}
    recorded = _outcome(done)
    seen = pgettext("demo", "%(mails)s mails in %(boxes)s mailboxes, %(forbidden)s where none may go")
    return Step(name, recorded, seen % {"mails": mails.total(), "boxes": len(mails), "forbidden": forbidden}, agree)


def _outcome(done: Mapping[str, Any]) -> str:
    """Say how many letters left and how many were withheld; the command doesn't count a few (claim X6)."""
    withheld = done["withheld"].values()
    if None in withheld:
        return pgettext("demo", "%(accepted)s accepted, some withheld") % done
    return pgettext("demo", "%(accepted)s accepted, %(withheld)s withheld") % {**done, "withheld": sum(withheld)}


def _choose_readers(mails: list[CaughtMail]) -> Readers:
    plain = sorted((mail for mail in mails if "+" not in mail.recipients[0]), key=lambda mail: mail.recipients)
    return Readers(plain[0], plain[len(plain) // 2], plain[-1])


def _stop(stage: Stage, web: WebPages, mail: CaughtMail) -> Step:
    """Press the mail program's one-click button (RFC 8058), reading the address of the button from the mail itself."""
    header = str(mail.parsed["List-Unsubscribe"])
    place = urlsplit(STOP_LINK.findall(header)[0]).path
    looked, pressed = web.get(place), web.post(place, ONE_CLICK)
    kept = _kept(stage, mail)
    name = pgettext("demo", "One reader stops the letters with one click")
    recorded = pgettext("demo", "%(contacts)s contacts of that mailbox; kept: %(kinds)s")
    told = recorded % {"contacts": kept["contact"], "kinds": ", ".join(sorted(kept))}
    gone = not kept["contact"] and not kept["permission"] and not kept["delivery"]
    return Step(name, told, f"GET {looked}, POST {pressed}", (looked, pressed, gone) == (200, 200, True))


def _forbid_marketing(stage: Stage, web: WebPages, mail: CaughtMail) -> Step:
    """Fill in the page behind the stop link: no more direct marketing, everything else goes on."""
    header = str(mail.parsed["List-Unsubscribe"])
    answer = web.post(urlsplit(STOP_LINK.findall(header)[0]).path, {"do": "some", "only": "direct_marketing"})
    kept = _kept(stage, mail)
    name = pgettext("demo", "Another forbids direct marketing only")
    recorded = pgettext("demo", "%(contacts)s contact, %(prohibitions)s prohibition")
    told = recorded % {"contacts": kept["contact"], "prohibitions": kept["prohibition"]}
    agree = (answer, kept["contact"], kept["prohibition"]) == (200, 1, 1)
    return Step(name, told, f"POST {answer}", agree)


def _restrict(stage: Stage, mail: CaughtMail) -> Step:
    done = stage.command("restrict", mail.recipients[0])
    kept = _kept(stage, mail)
    name = pgettext("demo", "The processing of a third one is restricted")
    recorded = pgettext("demo", "%(restrictions)s restriction of %(contacts)s contact")
    told = recorded % {"restrictions": kept["restriction"], "contacts": kept["contact"]}
    return Step(name, told, str(done["kind"]), (kept["restriction"], kept["contact"]) == (1, 1))


def _kept(stage: Stage, mail: CaughtMail) -> Counter[str]:
    """Count what all stores keep about a mail's reader, by kind."""
    stores = stage.command("show", mail.recipients[0], "--reason", "demo")["stores"]
    return Counter(found["kind"] for store in stores.values() for found in store)


def _import_again(stage: Stage, export: Path, stopped: CaughtMail) -> Step:
    """Bring the stopped mailbox back in three spellings, as the customer system's next export does."""
    following = stage.folder / "asiakkaat-2.csv"
    spellings = write_next_export(following, export, returning=stopped.recipients[0])
    done = stage.command("import", str(following), "--source", "crm", "--permission", "customer")
    name = pgettext("demo", "The next export brings the stopped mailbox again, in %(count)s spellings")
    recorded = _counts(done["groups"])
    seen = pgettext("demo", "%(count)s written into the file") % {"count": spellings}
    return Step(name % {"count": spellings}, recorded, seen, done["groups"]["suppressed"] == spellings)


def _write_to_ourselves(stage: Stage) -> Step:
    sent, cases = write_to_ourselves(stage)
    name = pgettext("demo", "The week's message to our own rights mailbox comes back as a case")
    recorded = pgettext("demo", "%(cases)s case") % {"cases": cases}
    return Step(name, recorded, pgettext("demo", "%(sent)s mail") % {"sent": sent}, sent == cases == 1)


def _compare_authorities(stage: Stage) -> Step:
    from luvalla.organisation.authorities import authorities

    noted = compare_authorities(stage)
    dated = sum(each.verified_on is not None for each in authorities().values())
    name = pgettext("demo", "The invented officer notes to have compared the authorities with their pages")
    recorded = pgettext("demo", "%(dated)s authorities with a day") % {"dated": dated}
    return Step(name, recorded, pgettext("demo", "%(noted)s noted") % {"noted": noted}, dated == noted)


def _check_promises(stage: Stage) -> Step:
    """Check all claims: what isn't built yet is said to be so, everything else holds."""
    counts = check_promises(stage)
    name = pgettext("demo", "The promises of the notice are checked")
    recorded = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    seen = pgettext("demo", "%(all)s claims, %(broken)s broken, %(unknown)s unknown")
    told = {"all": counts.total(), "broken": counts["broken"], "unknown": counts["unknown"]}
    return Step(name, recorded, seen % told, not counts["broken"] and not counts["unknown"])


def _verify_ledger(stage: Stage) -> Step:
    done: dict[str, Any] = stage.command("ledger", "verify")
    name = pgettext("demo", "The ledger's chain is verified")
    recorded = pgettext("demo", "%(rows)s rows") % {"rows": done["rows"]}
    seen = pgettext("demo", "no broken link") if done["holds"] else pgettext("demo", "a broken link")
    return Step(name, recorded, seen, bool(done["holds"]))


def _search_home(stage: Stage, export: Path) -> Step:
    """Read every file of the home folder as a thief would, and look for the addresses of the export."""
    imported = _addresses_in(export.read_bytes())
    files = [each for each in stage.home.rglob("*") if each.is_file()]
    found = sum(len(imported & _addresses_in(_content(each))) for each in files)
    name = pgettext("demo", "Every file of the home folder is searched for the imported addresses")
    recorded = pgettext("demo", "%(addresses)s addresses imported") % {"addresses": len(imported)}
    seen = pgettext("demo", "%(found)s found in %(files)s files") % {"found": found, "files": len(files)}
    return Step(name, recorded, seen, found == 0 and bool(imported))


def _content(file: Path) -> bytes:
    with opened_elsewhere(file) as opened:
        return opened.read()


def _addresses_in(content: bytes) -> set[bytes]:
    return {each.lower() for each in SHAPED_LIKE_AN_ADDRESS.findall(content)}


def _counts(groups: dict[str, int]) -> str:
    return ", ".join(f"{groups[name]} {name}" for name in GROUPS)


def _subject(letter: DemoLetter) -> str:
    return letter.file.partition("\n")[0].removeprefix("subject: ")
