"""The exception tree of the API.

ApiError
├── Problem             a call can't be answered; becomes a problem document (RFC 9457)
│   └── NotValid        something in it isn't what it has to be: the document names the place
├── NotAToken           a token with such an owner, scopes or time can't be made
├── WebhookRefused      the host isn't on the list of outgoing hosts, or its contract has ended
└── NotTold             a webhook didn't take what it was told; it is tried again
"""

from __future__ import annotations

from enum import StrEnum


class Slug(StrEnum):
    """Kinds of problems, as their documents name them."""

    NO_TOKEN = "no-token"  # noqa: S105  # the name of a problem
    TOKEN_REVOKED = "token-revoked"  # noqa: S105  # the same
    TOKEN_EXPIRED = "token-expired"  # noqa: S105  # the same
    ACCOUNT_SHUT = "account-shut"
    NO_CONTRACT = "no-contract"
    NO_SCOPE = "no-scope"
    PROMISE_BROKEN = "promise-broken"
    TOO_MANY_CALLS = "too-many-calls"
    TOO_MANY_ADDRESSES = "too-many-addresses"
    NOT_FOUND = "not-found"
    WRONG_METHOD = "wrong-method"
    NOT_VALID = "not-valid"
    NO_SUCH_PURPOSE = "no-such-purpose"
    NO_SUCH_AUDIENCE = "no-such-audience"
    NOT_AN_ADDRESS = "not-an-address"
    UNDECIDED_IMPORT = "undecided-import"
    TOO_MANY_WAITING = "too-many-waiting"
    TOO_LARGE = "too-large"
    NO_LENGTH = "no-length"
    NOT_READABLE = "not-readable"
    UNEXPECTED = "unexpected"


class ApiError(Exception):
    """Something about the API can't be done."""


class Problem(ApiError):
    """A call can't be answered. Carries the slug of its kind and figures for its sentence."""

    def __init__(self, slug: Slug, **figures: object) -> None:
        """Keep what is wrong; never anything about a person."""
        super().__init__(slug)
        self.slug, self.figures = slug, figures
        self.faults: list[dict[str, str]] = []


class NotValid(Problem):
    """Something of the call is read and isn't what it has to be: where it stands, and a word for what is wrong."""

    def __init__(self, *, at: str, wrong: str) -> None:
        """Keep the place, such as body.forbids, and one of pydantic's words for a fault, or ours."""
        super().__init__(Slug.NOT_VALID)
        self.faults = [{"at": at, "type": wrong}]


class NotAToken(ApiError):
    """A token with such an owner, scopes or time can't be made."""


class WebhookRefused(ApiError):
    """The host isn't on the list of outgoing hosts, or its contract has ended."""

    def __init__(self, why: str) -> None:
        """Keep the reason of organisation.errors.EgressRefused."""
        super().__init__(why)
        self.why = why


class NotTold(ApiError):
    """A webhook didn't take what it was told; the runner of jobs tries again."""
