"""A reply becomes an outcome: kind, code, status and a reason of our own."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.outcome import Kind, Outcome, Reason, Step, judge, not_sent, unknown


@pytest.mark.parametrize(
    ("code", "status", "kind", "reason"),
    [
        (250, "2.0.0", Kind.ACCEPTED, Reason.NONE),
        (550, "5.1.1", Kind.REFUSED, Reason.MAILBOX_GONE),
        (550, "5.1.10", Kind.REFUSED, Reason.DOMAIN_GONE),
        (550, "5.2.1", Kind.REFUSED, Reason.MAILBOX_CLOSED),
        (552, "5.2.2", Kind.REFUSED, Reason.MAILBOX_FULL),
        (452, "4.2.2", Kind.DEFERRED, Reason.MAILBOX_FULL),
        (450, "4.1.1", Kind.DEFERRED, Reason.MAILBOX_UNAVAILABLE),
        (550, "5.7.1", Kind.REFUSED, Reason.POLICY),
        (550, "5.7.515", Kind.REFUSED, Reason.POLICY),
        (421, "4.3.2", Kind.DEFERRED, Reason.RELAY_BUSY),
        (553, "5.1.3", Kind.REFUSED, Reason.BAD_ADDRESS),
        (554, "5.6.0", Kind.REFUSED, Reason.CONTENT),
        (530, "5.7.0", Kind.REFUSED, Reason.AUTH),
        (550, "5.4.4", Kind.REFUSED, Reason.DOMAIN_GONE),
    ],
)
def test_a_refused_recipient_is_sorted_by_its_status(code: int, status: str, kind: Kind, reason: Reason) -> None:
    assert judge(code, status, Step.RCPT) == Outcome(kind, code, status, reason)


@pytest.mark.parametrize(
    ("code", "status"), [(550, "5.0.0"), (554, "5.0.0"), (421, "4.3.2"), (552, "5.2.2"), (250, "2.0.0")]
)
def test_a_bare_code_gets_a_status(code: int, status: str) -> None:
    assert judge(code, "", Step.RCPT).status == status


def test_a_bare_550_is_no_proof_that_the_mailbox_is_gone() -> None:
    assert judge(550, "", Step.RCPT).reason is Reason.UNSPECIFIED


def test_a_bare_552_speaks_of_the_mailbox_at_rcpt_and_of_the_letter_after_it() -> None:
    assert judge(552, "", Step.RCPT).reason is Reason.MAILBOX_FULL
    assert judge(552, "", Step.BODY).reason is Reason.TOO_BIG


def test_a_status_of_another_class_than_its_code_is_not_believed() -> None:
    assert judge(550, "4.1.1", Step.RCPT).status == "5.0.0"


@pytest.mark.parametrize("status", ["5.1.1", "5.1.3", "5.1.8", "5.2.1", "5.2.2", "5.1.10", ""])
def test_what_is_refused_at_mail_is_never_held_against_the_addressee(status: str) -> None:
    assert judge(550, status, Step.MAIL).reason is Reason.SENDER_REFUSED


@given(
    code=st.integers(200, 299) | st.integers(400, 599),
    status=st.from_regex(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})?", fullmatch=True),
    step=st.sampled_from(Step),
)
def test_every_reply_has_an_outcome_whose_kind_follows_its_code(code: int, status: str, step: Step) -> None:
    outcome = judge(code, status, step)
    assert outcome.kind is {2: Kind.ACCEPTED, 4: Kind.DEFERRED, 5: Kind.REFUSED}[code // 100]
    assert outcome.status.startswith(f"{code // 100}.")
    assert (outcome.reason is Reason.NONE) == (outcome.kind is Kind.ACCEPTED)
    assert outcome.answer == f"{code} {outcome.status}"


def test_an_outcome_without_a_reply_has_no_answer() -> None:
    assert not_sent(Reason.TIMEOUT).answer == unknown(Reason.TIMEOUT).answer == ""


def test_an_outcome_does_not_change() -> None:
    outcome = not_sent(Reason.DEADLINE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        outcome.code = 250  # type: ignore[misc]  # the fault


def test_codes_and_reasons_fit_the_columns_they_are_kept_in() -> None:
    assert max(len(reason) for reason in Reason) <= 24
    assert len(judge(550, "5.100.100", Step.RCPT).answer) <= 13
