"""The demo to look around in: half of the story has happened, the rest waits for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from luvalla.cli.demo.desk import fill_desk, hire_staff
from luvalla.cli.demo.inbox import Inbox
from luvalla.cli.demo.letters import OUTAGES, SOLAR, SURVEY, DemoLetter, write_letter
from luvalla.cli.demo.promises import check_promises, compare_authorities, write_to_ourselves
from luvalla.cli.demo.story import CUSTOMERS
from luvalla.cli.errors import TryAgain
from luvalla.cli.example_export import write_export
from luvalla.cli.language import pgettext
from luvalla.cli.output import print_line, print_table, say
from luvalla.cli.serving import serve

if TYPE_CHECKING:
    from luvalla.cli.demo.stage import Stage


def serve_demo(stage: Stage, *, port: int, inbox_port: int) -> None:
    """Send one campaign, leave one scheduled and one waiting for approval, and serve everything on 127.0.0.1."""
    inbox = _open_inbox(stage, inbox_port)
    say(pgettext("demo", "Making the company, importing its customers and sending a letter. This takes a moment."))
    export = stage.folder / "asiakkaat.csv"
    write_export(export, customers=CUSTOMERS)
    stage.command("import", str(export), "--source", "crm", "--permission", "customer")
    sent, scheduled = _write(stage, OUTAGES), _write(stage, SURVEY)
    for number in (sent, scheduled):
        stage.command("campaign", "approve", str(number), "--by", "approver")
    stage.command("send", str(sent))
    _schedule(scheduled)
    _write(stage, SOLAR)
    stage.passwords |= hire_staff()
    fill_desk(stage.received()[0].recipients[0])
    write_to_ourselves(stage)
    compare_authorities(stage)
    check_promises(stage)
    inbox.start()
    try:
        serve(host="127.0.0.1", port=port, web_processes=1, receiver="", tell=lambda: _tell(stage, port, inbox))
    finally:
        inbox.stop()


def _open_inbox(stage: Stage, port: int) -> Inbox:
    try:
        return Inbox(stage.received, port=port)
    except OSError:
        message = pgettext(
            "demo", "Port %(port)s is taken, so the inbox can't be shown. --inbox-port takes another one."
        )
        raise TryAgain(message % {"port": port}) from None


def _write(stage: Stage, letter: DemoLetter) -> int:
    file = write_letter(letter, stage.folder)
    written = stage.command("campaign", "create", str(file), "--audience", letter.audience, "--purpose", letter.purpose)
    return int(written["id"])


def _schedule(number: int) -> None:
    from luvalla.campaigns.actions import schedule_campaign
    from luvalla.campaigns.models import Campaign
    from luvalla.ledger.actors import person
    from luvalla.people.models import User

    approver = User.objects.get(username="approver")
    tomorrow = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    schedule_campaign(campaign=Campaign.objects.get(pk=number), send_at=tomorrow, actor=person(approver.ref))


def _tell(stage: Stage, port: int, inbox: Inbox) -> None:
    print_table(
        (pgettext("demo", "What"), pgettext("demo", "Where")),
        [
            (pgettext("demo", "Public site"), f"http://127.0.0.1:{port}/"),
            (pgettext("demo", "Staff interface"), f"http://127.0.0.1:{port}/staff/"),
            (pgettext("demo", "Inbox with the mails that were sent"), inbox.url),
        ],
    )
    does = {
        "author": pgettext("demo", "writes letters"),
        "approver": pgettext("demo", "approves and sends them, and keeps the register"),
        "officer": pgettext("demo", "data protection officer"),
        "clerk": pgettext("demo", "sorts the requests that arrive"),
        "handler": pgettext("demo", "handles the requests"),
        "custodian": pgettext("demo", "keeps the paper"),
        "auditor": pgettext("demo", "reads the ledger and the evidence"),
        "caretaker": pgettext("demo", "manages accounts and settings"),
    }
    headings = (pgettext("demo", "Account"), pgettext("demo", "Password"), pgettext("demo", "What for"))
    print_table(headings, [(name, password, does.get(name, "")) for name, password in stage.passwords.items()])
    print_line(pgettext("demo", "Ctrl-C ends the demo. It starts anew each time."))
