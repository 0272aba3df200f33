"""The ledger's rows as sentences: who, what, when and why, in the language of the interface.

The doer stands in a column of its own, so that no name has to be bent to fit a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import npgettext_lazy, pgettext_lazy

from luvalla.campaigns.models import Campaign
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.models import Purpose
from luvalla.people.models import User
from luvalla.register.models import Audience, Source
from luvalla.rights.models import DataRequest
from luvalla.staff.formats import number
from luvalla.staff.words import WHAT_FOR

ROOMS: Final = {
    "people": pgettext_lazy("ledger", "People"),
    "register": pgettext_lazy("ledger", "Register"),
    "campaigns": pgettext_lazy("ledger", "Letters"),
    "mailroom": pgettext_lazy("ledger", "Deliveries"),
    "notices": pgettext_lazy("ledger", "Notice and claims"),
    "organisation": pgettext_lazy("ledger", "Organisation"),
    "paper": pgettext_lazy("ledger", "Paper"),
    "api": pgettext_lazy("ledger", "Programs"),
    "ledger": pgettext_lazy("ledger", "Keys and ledger"),
    "rights": pgettext_lazy("ledger", "Requests"),
}
NAMED: Final[dict[str, tuple[type[Model], str]]] = {
    "campaign": (Campaign, "ref"),
    "audience": (Audience, "key"),
    "source": (Source, "key"),
    "purpose": (Purpose, "key"),
    "request": (DataRequest, "ref"),
}
"""Kinds of subjects that have a name to show, and the field the ledger knows them by."""
ACTORS: Final = {
    "system": pgettext_lazy("ledger", "Luvalla itself"),
    "subject": pgettext_lazy("ledger", "The data subject"),
    "operator": pgettext_lazy("ledger", "A command on the server"),
    "program": pgettext_lazy("ledger", "A connected program"),
}
SENTENCES: Final[dict[str, str | Promise]] = {
    "notices.run_retention": pgettext_lazy("ledger", "The retention schedule was carried out."),
    "notices.make_audit_pack": pgettext_lazy("ledger", "An auditor's pack was made and signed."),
    "people.add_user": pgettext_lazy("ledger", "An account was made."),
    "people.set_roles": pgettext_lazy("ledger", "A person's roles were changed."),
    "people.set_password": pgettext_lazy("ledger", "A password was changed."),
    "people.set_language": pgettext_lazy("ledger", "The language of the interface was changed."),
    "people.record_undertaking": pgettext_lazy("ledger", "An undertaking of secrecy was signed, version %(version)s."),
    "people.revoke_undertaking": pgettext_lazy(
        "ledger", "An undertaking of secrecy was revoked; the account was shut."
    ),
    "people.end_contract": npgettext_lazy(
        "ledger",
        "An employer's contract ended, and with it %(accounts)s account.",
        "An employer's contract ended, and with it %(accounts)s accounts.",
        "accounts",
    ),
    "people.end_sessions": pgettext_lazy("ledger", "All sessions of an account were ended."),
    "people.appoint": pgettext_lazy("ledger", "A person was appointed to a task."),
    "people.close_account": pgettext_lazy("ledger", "An account was shut because its person has left."),
    "people.shut_leaver": pgettext_lazy("ledger", "An account was shut: its person's last day has passed."),
    "people.countersign": pgettext_lazy("ledger", "An undertaking of secrecy was countersigned."),
    "people.keep_scan": pgettext_lazy("ledger", "The scan of an undertaking of secrecy was stored."),
    "people.open_scan": pgettext_lazy("ledger", "The scan of an undertaking of secrecy was looked at."),
    "people.publish_text": pgettext_lazy("ledger", "A new text of the undertaking of secrecy was published."),
    "people.record_employer": pgettext_lazy("ledger", "An employer and its contract were recorded."),
    "people.record_mailbox": pgettext_lazy("ledger", "A mailbox of the organisation was recorded."),
    "people.set_mailbox_users": pgettext_lazy("ledger", "It was recorded who may use a mailbox."),
    "people.remove_mailbox": pgettext_lazy("ledger", "A mailbox was taken off the list."),
    "people.begin_review": pgettext_lazy("ledger", "A review of access was begun."),
    "people.decide_on_account": pgettext_lazy("ledger", "An account was decided on in a review of access."),
    "people.sign_review": pgettext_lazy("ledger", "A review of access was signed."),
    "people.ask_for_release": pgettext_lazy("ledger", "A second person was asked to release an export or a print."),
    "people.release": pgettext_lazy("ledger", "An export or a print was released."),
    "people.refuse_release": pgettext_lazy("ledger", "The release of an export or a print was refused."),
    "people.raise_alarm": pgettext_lazy("ledger", "Somebody read more than is usual for them."),
    "people.raise_alarm_of_refusals": pgettext_lazy("ledger", "Somebody tried many doors that are not theirs."),
    "people.refuse": pgettext_lazy("ledger", "A page or a call was refused: %(door)s."),
    "people.explain_alarm": pgettext_lazy("ledger", "An unusual amount of reading was explained."),
    "people.forget_signature": pgettext_lazy(
        "ledger", "The name of somebody who left years ago was taken out of a signed review."
    ),
    "people.forget_leaver": pgettext_lazy("ledger", "A person who left three years ago was forgotten."),
    "people.invite": pgettext_lazy("ledger", "A person was invited to take their account into use."),
    "people.add_second_factor": pgettext_lazy("ledger", "A passkey or one-time codes were taken into use."),
    "people.remove_second_factor": pgettext_lazy("ledger", "A passkey or one-time codes were given up."),
    "people.forget_directory": pgettext_lazy(
        "ledger", "An account no longer knows its person by the directory's name; its sessions ended."
    ),
    "people.sign_in": pgettext_lazy("ledger", "Signed in."),
    "people.sign_out": pgettext_lazy("ledger", "Signed out."),
    "register.search": pgettext_lazy("ledger", "The register was searched."),
    "register.show_person": pgettext_lazy("ledger", "A person's data was shown."),
    "register.uncover_address": pgettext_lazy("ledger", "An address was shown."),
    "register.export_contacts": npgettext_lazy(
        "ledger",
        "%(contacts)s address was exported to a file.",
        "%(contacts)s addresses were exported to a file.",
        "contacts",
    ),
    "register.add_permission": pgettext_lazy("ledger", "A permission was recorded."),
    "register.end_permission": pgettext_lazy("ledger", "A source told that an address has gone; its permission ended."),
    "register.ask_to_sign_up": pgettext_lazy("ledger", "Somebody signed up; the confirmation is awaited."),
    "register.confirm_sign_up": pgettext_lazy("ledger", "A sign-up was confirmed."),
    "register.stop": pgettext_lazy("ledger", "A stop arrived: letters were blocked."),
    "register.answer_stop": pgettext_lazy("ledger", "A stop was carried out and answered."),
    "register.restrict": pgettext_lazy("ledger", "The processing of a contact was restricted."),
    "register.announce_lifting": pgettext_lazy("ledger", "A data subject was told that a restriction will be lifted."),
    "register.lift_restriction": pgettext_lazy("ledger", "A restriction was lifted."),
    "register.prohibit": pgettext_lazy("ledger", "A prohibition was recorded."),
    "register.lift_prohibition": pgettext_lazy("ledger", "A prohibition was taken back by its data subject."),
    "register.lift_suppression": pgettext_lazy(
        "ledger", "An address left the suppression list by its own new consent."
    ),
    "register.fetch_notices": npgettext_lazy(
        "ledger",
        "%(notices)s notice was fetched for its source.",
        "%(notices)s notices were fetched for their source.",
        "notices",
    ),
    "register.handle_notices": npgettext_lazy(
        "ledger",
        "%(notices)s notice was marked as handled at its source.",
        "%(notices)s notices were marked as handled at their source.",
        "notices",
    ),
    "register.expire": npgettext_lazy(
        "ledger",
        "%(rows)s row was removed at the end of its time.",
        "%(rows)s rows were removed at the end of their time.",
        "rows",
    ),
    "register.stage_batch": npgettext_lazy(
        "ledger",
        "An export of %(rows)s row was read and compared with the register.",
        "An export of %(rows)s rows was read and compared with the register.",
        "rows",
    ),
    "register.release_batch": pgettext_lazy("ledger", "An import that loses many addresses was released."),
    "register.apply_batch": pgettext_lazy("ledger", "An import was carried out."),
    "register.discard_batch": pgettext_lazy("ledger", "An import was discarded."),
    "register.fail_batch": pgettext_lazy("ledger", "An export could not be read."),
    "register.settle_batch": pgettext_lazy("ledger", "What an import left over was cleared away."),
    "register.declare_audience": pgettext_lazy("ledger", "An audience was recorded."),
    "register.declare_source": pgettext_lazy("ledger", "A source was recorded."),
    "organisation.record_controller": pgettext_lazy("ledger", "The controller's particulars were recorded."),
    "organisation.declare_purpose": pgettext_lazy("ledger", "A purpose was recorded."),
    "organisation.approve_balancing_test": pgettext_lazy("ledger", "A balancing test was approved."),
    "organisation.record_processor": pgettext_lazy("ledger", "A processor was recorded."),
    "organisation.declare_host": pgettext_lazy("ledger", "A host was declared that requests may go out to."),
    "organisation.close_host": pgettext_lazy("ledger", "A host was closed to outgoing requests."),
    "organisation.reach": pgettext_lazy("ledger", "A request went out to a declared host."),
    "organisation.refuse_file": pgettext_lazy(
        "ledger", "The virus scanner found %(found)s in a file; it was not taken."
    ),
    "organisation.record_disclosee": pgettext_lazy("ledger", "A disclosee was recorded."),
    "organisation.record_transfer": pgettext_lazy("ledger", "A ground for transfers was recorded."),
    "organisation.note_comparison": pgettext_lazy("ledger", "An authority's details were compared with its own page."),
    "organisation.declare_field": pgettext_lazy("ledger", "A further field about contacts was declared."),
    "campaigns.create_campaign": pgettext_lazy("ledger", "A letter was begun."),
    "campaigns.edit_campaign": pgettext_lazy("ledger", "A letter was changed."),
    "campaigns.discard_campaign": pgettext_lazy("ledger", "A draft of a letter was discarded."),
    "campaigns.add_picture": pgettext_lazy("ledger", "A picture was added."),
    "campaigns.submit_campaign": pgettext_lazy("ledger", "A letter was submitted for approval."),
    "campaigns.return_campaign": pgettext_lazy("ledger", "A letter was returned to its author."),
    "campaigns.approve_campaign": pgettext_lazy("ledger", "A letter was approved and frozen."),
    "campaigns.schedule_campaign": pgettext_lazy("ledger", "A time was set for a letter."),
    "campaigns.unschedule_campaign": pgettext_lazy("ledger", "The time of a letter was taken away."),
    "campaigns.begin_sending": pgettext_lazy("ledger", "The sending of a letter began."),
    "campaigns.pause_campaign": pgettext_lazy("ledger", "The sending of a letter was paused."),
    "campaigns.resume_campaign": pgettext_lazy("ledger", "The sending of a letter went on."),
    "campaigns.reopen_campaign": pgettext_lazy("ledger", "The sending of a finished letter was opened again."),
    "mailroom.send_window": pgettext_lazy("ledger", "A part of a letter's audience was served or settled."),
    "mailroom.send_again": pgettext_lazy("ledger", "A letter was sent again to those who missed it."),
    "mailroom.note_bounce": pgettext_lazy("ledger", "A report about a letter came in."),
    "mailroom.rest_relay": pgettext_lazy("ledger", "A server for outgoing mail was left alone, or let go on."),
    "campaigns.cancel_campaign": pgettext_lazy("ledger", "A letter was cancelled."),
    "campaigns.finish_campaign": pgettext_lazy("ledger", "The sending of a letter was finished."),
    "mailroom.send_test": pgettext_lazy("ledger", "A letter was sent as a test."),
    "mailroom.make_shards": pgettext_lazy("ledger", "An audience was divided for sending."),
    "mailroom.hold_campaign": pgettext_lazy("ledger", "The sending of a letter was held: the server can't be used."),
    "mailroom.show_failures": npgettext_lazy(
        "ledger",
        "It was looked up who did not get a letter: %(letters)s address, masked.",
        "It was looked up who did not get a letter: %(letters)s addresses, masked.",
        "letters",
    ),
    "mailroom.close_shard": pgettext_lazy("ledger", "A part of a sending was closed."),
    "mailroom.purge_deliveries": npgettext_lazy(
        "ledger",
        "%(rows)s delivery was turned into totals at the end of its time.",
        "%(rows)s deliveries were turned into totals at the end of their time.",
        "rows",
    ),
    "mailroom.post_service_message": pgettext_lazy("ledger", "A service message was written."),
    "mailroom.send_service_message": pgettext_lazy("ledger", "A service message was sent."),
    "mailroom.record_relay": pgettext_lazy("ledger", "A server for outgoing mail was recorded."),
    "mailroom.note_relay": pgettext_lazy("ledger", "The server for outgoing mail that the settings name was noted."),
    "notices.publish_notice": pgettext_lazy("ledger", "A version of the privacy notice was published."),
    "notices.restore_versions": pgettext_lazy("ledger", "Changed versions of the privacy notice were restored."),
    "notices.give_opinion": pgettext_lazy("ledger", "An opinion on the privacy notice was given."),
    "notices.make_file": pgettext_lazy("ledger", "A PDF file of the privacy notice was made."),
    "notices.let_go_evidence": pgettext_lazy("ledger", "Old evidence of checks was let go."),
    "notices.keep_earlier_notice": pgettext_lazy("ledger", "The organisation's earlier notice was kept."),
    "notices.check_claims": pgettext_lazy("ledger", "The claims of the notice were checked."),
    "paper.record_print": pgettext_lazy("ledger", "Something was printed; the paper got its label."),
    "paper.enter_item": pgettext_lazy("ledger", "Paper was entered and got its label."),
    "paper.lock_away": pgettext_lazy("ledger", "Paper was locked away."),
    "paper.check_out": pgettext_lazy("ledger", "Paper was taken out of its place."),
    "paper.take_over": pgettext_lazy("ledger", "Paper was received from another person."),
    "paper.destroy_item": pgettext_lazy("ledger", "Paper was destroyed before a witness."),
    "paper.post_item": pgettext_lazy("ledger", "A print was posted or handed over to its person."),
    "paper.give_up_as_lost": pgettext_lazy("ledger", "Paper was given up as lost."),
    "paper.remind": pgettext_lazy("ledger", "Somebody was reminded of paper."),
    "paper.uncover_description": pgettext_lazy("ledger", "The description of paper was shown."),
    "paper.add_place": pgettext_lazy("ledger", "A place for paper was written down."),
    "paper.set_lock": pgettext_lazy("ledger", "It was written down whether a place can be locked."),
    "paper.give_up_place": pgettext_lazy("ledger", "A place for paper was given up."),
    "paper.start_stock_take": pgettext_lazy("ledger", "A stock-take of paper began."),
    "paper.finish_stock_take": npgettext_lazy(
        "ledger",
        "A stock-take of paper ended: %(missing)s item is missing.",
        "A stock-take of paper ended: %(missing)s items are missing.",
        "missing",
    ),
    "paper.ask_custodian": pgettext_lazy("ledger", "A custodian was asked to search the cabinets."),
    "paper.ask_change": pgettext_lazy("ledger", "A custodian was asked to correct or mark paper."),
    "paper.show_change": pgettext_lazy("ledger", "It was shown what to write on paper."),
    "paper.answer_change": pgettext_lazy("ledger", "A custodian said what became of a correction or mark on paper."),
    "paper.begin_destruction": pgettext_lazy("ledger", "Paper was destroyed; its witness is awaited."),
    "paper.deny_destruction": pgettext_lazy("ledger", "A destruction of paper was taken back or not confirmed."),
    "paper.open_protocol": pgettext_lazy("ledger", "The protocol of a destruction was looked at."),
    "paper.show_search": pgettext_lazy("ledger", "It was shown whom to look for in the cabinets."),
    "paper.answer_search": npgettext_lazy(
        "ledger",
        "A search of the cabinets was answered: %(found)s item found.",
        "A search of the cabinets was answered: %(found)s items found.",
        "found",
    ),
    "api.make_token": pgettext_lazy("ledger", "A token was made for a program."),
    "api.revoke_token": pgettext_lazy("ledger", "A program's token was revoked."),
    "api.read_contacts": npgettext_lazy(
        "ledger",
        "A program read %(contacts)s contact, %(uncovered)s with its whole address.",
        "A program read %(contacts)s contacts, %(uncovered)s with their whole addresses.",
        "contacts",
    ),
    "api.add_webhook": pgettext_lazy("ledger", "A webhook was added."),
    "api.close_webhook": pgettext_lazy("ledger", "A webhook was closed."),
    "register.note_disclosure": pgettext_lazy("ledger", "It was noted that somebody's data was given out."),
    "register.show_disclosure": pgettext_lazy("ledger", "A noted disclosure was looked at."),
    "register.take_disclosure_back": pgettext_lazy("ledger", "A noted disclosure was taken back."),
    "register.find_disclosees": npgettext_lazy(
        "ledger",
        "It was worked out who has data that has changed: %(notices)s notice.",
        "It was worked out who has data that has changed: %(notices)s notices.",
        "notices",
    ),
    "register.note_told": npgettext_lazy(
        "ledger",
        "It was noted that a recipient knows of a change, or why it can't be told: %(notices)s notice.",
        "It was noted that a recipient knows of changes, or why it can't be told: %(notices)s notices.",
        "notices",
    ),
    "rights.tell_disclosee": npgettext_lazy(
        "ledger",
        "A recipient was written to about data that has changed: %(notices)s change.",
        "A recipient was written to about data that has changed: %(notices)s changes.",
        "notices",
    ),
    "rights.show_disclosee_letter": pgettext_lazy("ledger", "The letter to a recipient was looked at."),
    "rights.receive_request": pgettext_lazy("ledger", "A request of a data subject arrived."),
    "rights.move_request": pgettext_lazy("ledger", "A request went on a step."),
    "rights.give_task": pgettext_lazy("ledger", "A task was given for a request."),
    "rights.finish_task": pgettext_lazy("ledger", "A task of a request was finished."),
    "rights.draft_letter": pgettext_lazy("ledger", "A letter of the rights desk was drafted."),
    "rights.issue_letter": pgettext_lazy("ledger", "A letter of the rights desk was issued."),
    "rights.make_link": pgettext_lazy("ledger", "A link for a requester was made."),
    "rights.use_link": pgettext_lazy("ledger", "A requester used a link."),
    "rights.note_identity": pgettext_lazy("ledger", "It was noted how a requester is known."),
    "rights.take_over": pgettext_lazy("ledger", "Somebody took a request on."),
    "rights.extend_request": pgettext_lazy("ledger", "The time of a request was extended."),
    "rights.add_hold": pgettext_lazy("ledger", "It was noted that another system keeps data for now."),
    "rights.withhold": pgettext_lazy("ledger", "Something was left out of a copy."),
    "rights.search_store": pgettext_lazy("ledger", "A store was searched for a request."),
    "rights.keep_file": pgettext_lazy("ledger", "A file was added to a request."),
    "rights.note_authority": pgettext_lazy("ledger", "It was noted to which authority a requester would turn."),
    "rights.note_postal": pgettext_lazy("ledger", "It was noted where a letter reaches a requester."),
    "rights.note_correction": pgettext_lazy("ledger", "It was noted what a request corrects."),
    "rights.end_unidentified": pgettext_lazy("ledger", "A request ends because nobody knows who asked."),
    "paper.drop_question": pgettext_lazy("ledger", "A question to the custodians was taken back."),
    "rights.black_out": pgettext_lazy("ledger", "Words about others were blacked out."),
    "rights.carry_out": pgettext_lazy("ledger", "A right was carried out."),
    "rights.minimise_request": pgettext_lazy("ledger", "What was said in a request was erased at the end of its time."),
    "rights.remind": pgettext_lazy("ledger", "A due date was recalled."),
    "rights.set_authority_deadline": pgettext_lazy("ledger", "An authority named another day for its answer."),
    "rights.answer_complaint": pgettext_lazy("ledger", "An authority was answered about a request."),
    "rights.end_complaint": pgettext_lazy("ledger", "An authority decided on a complaint."),
    "rights.make_authority_pack": pgettext_lazy("ledger", "The documents of a request were gathered for an authority."),
    "rights.show_authority_pack": pgettext_lazy("ledger", "The documents for an authority were opened."),
    "rights.record_complaint": pgettext_lazy("ledger", "A complaint to an authority was noted."),
    "rights.take_in": pgettext_lazy("ledger", "A copy from another service was taken in; the person is asked."),
    "rights.keep_copy": pgettext_lazy("ledger", "Another controller transmitted a copy; it waits for a decision."),
    "rights.show_copy": pgettext_lazy("ledger", "A copy from another controller was read."),
    "rights.accept_copy": pgettext_lazy("ledger", "A copy from another controller was accepted; the person is asked."),
    "rights.refuse_copy": pgettext_lazy("ledger", "A copy from another controller was refused and erased."),
    "rights.expire_copies": npgettext_lazy(
        "ledger",
        "Copies from other controllers were let go at the end of their time: %(rows)s row.",
        "Copies from other controllers were let go at the end of their time: %(rows)s rows.",
        "rows",
    ),
    "rights.record_receiver": pgettext_lazy("ledger", "Another controller was recorded, to which copies can go."),
    "rights.close_receiver": pgettext_lazy("ledger", "No copy goes to another controller any more."),
    "rights.transmit": pgettext_lazy("ledger", "It was confirmed that a copy goes to another controller."),
    "rights.settle_fee": pgettext_lazy("ledger", "The fee of a request was paid or let off."),
    "rights.show_request": pgettext_lazy("ledger", "What a request says was read."),
    "rights.show_found": pgettext_lazy("ledger", "What was found about a requester was read."),
    "rights.show_file": pgettext_lazy("ledger", "A file of a request was opened."),
    "rights.show_draft": pgettext_lazy("ledger", "A letter of a request was looked at before it left."),
    "rights.show_copy_made": pgettext_lazy("ledger", "The copy made for a requester was opened to be printed."),
    "rights.show_letter": pgettext_lazy("ledger", "A letter of a request was opened."),
    "rights.expire": npgettext_lazy(
        "ledger",
        "%(rows)s request was deleted at the end of its time.",
        "%(rows)s requests were deleted at the end of their time.",
        "rows",
    ),
    "register.rectify": pgettext_lazy("ledger", "An address was corrected."),
    "register.ask_to_forget": pgettext_lazy(
        "ledger", "Somebody asked to be forgotten altogether; the sources are awaited."
    ),
    "register.forget_token": pgettext_lazy("ledger", "The last token of a forgotten person was erased."),
    "register.erase_everybody": pgettext_lazy("ledger", "Everybody was erased from the register."),
    "people.shut_every_account": pgettext_lazy("ledger", "Every account was shut."),
    "organisation.record_breach": pgettext_lazy("ledger", "A personal data breach was recorded."),
    "organisation.open_breach": pgettext_lazy("ledger", "The record of a breach was read."),
    "organisation.assess_breach": pgettext_lazy("ledger", "The risk of a breach was assessed."),
    "organisation.note_breach_notice": pgettext_lazy("ledger", "It was written down who was told of a breach."),
    "organisation.close_breach": pgettext_lazy("ledger", "A breach was closed."),
    "notices.export_record": pgettext_lazy("ledger", "A record of accountability was taken as a file."),
    "notices.export_consents": pgettext_lazy("ledger", "The record of consents was taken as a file."),
    "people.remind_of_end": pgettext_lazy("ledger", "Somebody was reminded that their account's time runs out."),
    "ledger.print_kit": pgettext_lazy("ledger", "The recovery kit of the keys was printed."),
    "ledger.rotate_key": pgettext_lazy("ledger", "A new key was taken into use."),
    "ledger.rekey_tokens": pgettext_lazy("ledger", "The tokens were moved to a new key."),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A row as people read it."""

    number: int
    at: datetime
    who: str
    what: str
    about: str
    verb: str
    reason: str
    purpose: str


PART: Final = re.compile(r"<(?:\w+:)?\w+>")
"""A part of an address as the program's list of addresses writes it, such as `<int:pk>`."""
SEVERAL: Final = 999_999_999
"""Stands for any number while a sentence is made without one."""


class _Several(dict[str, object]):
    """Any facts whatever."""

    def __missing__(self, key: str) -> int:
        return SEVERAL


class _Figure(int):
    """A number that chooses between one and many, and stands in its sentence with its thousands apart."""

    def __str__(self) -> str:
        return number(int(self))


class _Facts(dict[str, object]):
    """Facts of a row; an older row may lack what its sentence speaks of today."""

    def __getitem__(self, key: str) -> object:
        fact = self.get(key, 0)
        if isinstance(fact, str):
            return PART.sub("…", fact)
        return _Figure(fact) if isinstance(fact, int) else fact


def sentences_of(rows: Iterable[LedgerRow]) -> list[Sentence]:
    """Say some rows as sentences; the people's names are read at once."""
    read = list(rows)
    people = {row.actor.partition(":")[2] for row in read if row.actor.startswith("person:")}
    names = _Names(read, {*people, *(row.subject_ref for row in read if row.subject_kind == "user")})
    return [_sentence(row, names) for row in read]


class _Names:
    """What the rows of a page are about, by the names people know; each kind is read at once."""

    def __init__(self, rows: list[LedgerRow], people: set[str]) -> None:
        """Read the names."""
        about = {kind: {row.subject_ref for row in rows if row.subject_kind == kind} for kind in NAMED}
        self.people = {str(each.ref): str(each) for each in User.objects.filter(ref__in=people)}
        letters = Purpose.objects.all() if any(row.purpose not in WHAT_FOR for row in rows if row.purpose) else ()
        self._purposes = {each.key: str(each) for each in letters} | {key: str(word) for key, word in WHAT_FOR.items()}
        self._about: dict[tuple[str, str], str] = {("user", ref): name for ref, name in self.people.items()}
        for kind, (model, field) in NAMED.items():
            found = model._default_manager.filter(**{f"{field}__in": about[kind]})  # noqa: SLF001  # of any model
            for each in found if about[kind] else ():
                self._about[kind, str(getattr(each, field))] = str(each)

    def about(self, row: LedgerRow) -> str:
        """Name what the row is about; empty for contacts and what has no name."""
        name = self._about.get((row.subject_kind, row.subject_ref), "")
        return "" if row.subject_kind == "user" and row.actor.endswith(row.subject_ref) else name

    def purpose(self, row: LedgerRow) -> str:
        """Say what it was for: a look's purpose, or the purpose of letters that it was about."""
        return self._purposes.get(row.purpose, row.purpose)


def plain_sentence(verb: str) -> str:
    """Say a verb without its figures, to choose by."""
    said = str(SENTENCES[verb] % _Several())
    return " ".join(said.replace(str(SEVERAL), "…").split()).rstrip(".")


def _sentence(row: LedgerRow, names: _Names) -> Sentence:
    kind, _, ref = row.actor.partition(":")
    who = names.people.get(ref) or str(ACTORS.get(kind, row.actor))
    said = SENTENCES.get(row.verb)
    what = str(said % _Facts(row.facts)) if said else row.verb
    return Sentence(row.pk, row.at, who, what, names.about(row), row.verb, row.reason, names.purpose(row))
