"""Problem documents (RFC 9457): what is wrong, and what to do next, in the language the caller asked for."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.api.errors import Problem, Slug

TYPE: Final = "urn:luvalla:problem:"
CONTENT_TYPE: Final = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its status (RFC 9110, section 15), what is wrong, and what to do next."""

    status: int
    title: Promise
    next: Promise


PROBLEMS: Final[dict[Slug, Kind]] = {
    Slug.NO_TOKEN: Kind(
        401,
        pgettext_lazy("problem", "The call has no token that opens anything."),
        pgettext_lazy("problem", "Send the header Authorization: Bearer with a token that is in force."),
    ),
    Slug.TOKEN_REVOKED: Kind(
        401,
        pgettext_lazy("problem", "The token was revoked."),
        pgettext_lazy("problem", "Ask whoever looks after Luvalla for a new one."),
    ),
    Slug.TOKEN_EXPIRED: Kind(
        401,
        pgettext_lazy("problem", "The token's time is over."),
        pgettext_lazy("problem", "Ask whoever looks after Luvalla for a new one."),
    ),
    Slug.ACCOUNT_SHUT: Kind(
        403,
        pgettext_lazy("problem", "The account that the token belongs to is shut."),
        pgettext_lazy("problem", "The token works again when the person has a valid undertaking and contract."),
    ),
    Slug.NO_CONTRACT: Kind(
        403,
        pgettext_lazy("problem", "The contract with the processor that the token belongs to isn't in force."),
        pgettext_lazy("problem", "The token works again when a contract is recorded."),
    ),
    Slug.NO_SCOPE: Kind(
        403,
        pgettext_lazy("problem", "The token's scopes don't reach this, or its person may not do it."),
        pgettext_lazy("problem", "Ask for a token with the scope %(scope)s."),
    ),
    Slug.PROMISE_BROKEN: Kind(
        503,
        pgettext_lazy("problem", "A promise of the privacy notice is broken, and this is closed until it holds again."),
        pgettext_lazy("problem", "Try again later. The staff see which promise it is: %(claims)s."),
    ),
    Slug.TOO_MANY_CALLS: Kind(
        429,
        pgettext_lazy("problem", "The token has called too often."),
        pgettext_lazy("problem", "Wait a minute and go on. A page of a listing holds up to 500 contacts."),
    ),
    Slug.TOO_MANY_ADDRESSES: Kind(
        403,
        pgettext_lazy("problem", "The token has read as many addresses today as one person may release."),
        pgettext_lazy(
            "problem", "Go on tomorrow, or have a person export the audience, with a second person's release."
        ),
    ),
    Slug.NOT_FOUND: Kind(
        404,
        pgettext_lazy("problem", "There is no such thing."),
        pgettext_lazy("problem", "Look at the address of the call; the reference may belong to something erased."),
    ),
    Slug.WRONG_METHOD: Kind(
        405,
        pgettext_lazy("problem", "This address has no such method. Nothing was done."),
        pgettext_lazy("problem", "The header Allow names the methods it has."),
    ),
    Slug.NOT_VALID: Kind(
        422,
        pgettext_lazy("problem", "The call isn't what it has to be. Nothing was done."),
        pgettext_lazy("problem", 'The member "faults" names the places; the values are left out.'),
    ),
    Slug.NO_SUCH_PURPOSE: Kind(
        422,
        pgettext_lazy("problem", "The purpose isn't on the closed list of the privacy notice."),
        pgettext_lazy("problem", "Choose one of: %(purposes)s."),
    ),
    Slug.NO_SUCH_AUDIENCE: Kind(
        422,
        pgettext_lazy("problem", "There is no such audience."),
        pgettext_lazy("problem", "Choose one of: %(audiences)s."),
    ),
    Slug.NOT_AN_ADDRESS: Kind(
        422,
        pgettext_lazy("problem", "That isn't an e-mail address (%(fault)s). Nothing was done."),
        pgettext_lazy("problem", "Send one whole address."),
    ),
    Slug.UNDECIDED_IMPORT: Kind(
        409,
        pgettext_lazy("problem", "The source has an import that isn't decided yet: number %(number)s."),
        pgettext_lazy("problem", "Decide on it or discard it at the desk of imports, then send this one again."),
    ),
    Slug.TOO_MANY_WAITING: Kind(
        429,
        pgettext_lazy("problem", "So many copies wait for a decision that no more are taken now. Nothing was kept."),
        pgettext_lazy("problem", "Send it again tomorrow. A copy waits here for 30 days at most."),
    ),
    Slug.TOO_LARGE: Kind(
        413,
        pgettext_lazy("problem", "The body is too large. Nothing was kept."),
        pgettext_lazy("problem", "Send at most %(megabytes)s MB."),
    ),
    Slug.NO_LENGTH: Kind(
        411,
        pgettext_lazy("problem", "The body came without its length. Nothing was read of it."),
        pgettext_lazy("problem", "Send the header Content-Length instead of Transfer-Encoding."),
    ),
    Slug.NOT_READABLE: Kind(
        400,
        pgettext_lazy("problem", "The body can't be read as JSON. Nothing was done."),
        pgettext_lazy("problem", "Send JSON in UTF-8."),
    ),
    Slug.UNEXPECTED: Kind(
        500,
        pgettext_lazy("problem", "Something failed that shouldn't."),
        pgettext_lazy(
            "problem", "Try again. If it fails again, tell whoever looks after Luvalla the time of this call."
        ),
    ),
}


def problem_answer(fault: Problem) -> HttpResponse:
    """Give the problem document of a fault, with the places that are wrong where its kind has some."""
    kind = PROBLEMS[fault.slug]
    document = {
        "type": TYPE + fault.slug.value,
        "title": str(kind.title) % fault.figures if fault.figures else str(kind.title),
        "status": kind.status,
        "next": str(kind.next) % fault.figures if fault.figures else str(kind.next),
    }
    if fault.faults:
        document["faults"] = fault.faults
    headers = {"Cache-Control": "no-store"}
    if kind.status == 401:  # noqa: PLR2004  # RFC 9110, section 15.5.2
        headers["WWW-Authenticate"] = "Bearer"
    return HttpResponse(
        json.dumps(document, ensure_ascii=False), status=kind.status, content_type=CONTENT_TYPE, headers=headers
    )
