"""Words for scopes, events and what keeps a token from opening anything."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.api.errors import Slug
from luvalla.api.scopes import Scope
from luvalla.api.webhooks import Event

SCOPES: Final[dict[Scope, Promise]] = {
    Scope.READ_CONTACTS: pgettext_lazy("scope", "Read contacts, masked"),
    Scope.READ_ADDRESSES: pgettext_lazy("scope", "Read whole addresses, 100 a day"),
    Scope.BRING_IMPORTS: pgettext_lazy("scope", "Bring imports"),
    Scope.FETCH_NOTICES: pgettext_lazy("scope", "Fetch withdrawals and prohibitions"),
    Scope.BRING_STOPS: pgettext_lazy("scope", "Bring stops from another channel"),
    Scope.READ_CAMPAIGNS: pgettext_lazy("scope", "Read letters and their totals"),
    Scope.BRING_COPIES: pgettext_lazy("scope", "Transmit copies to us at the person's wish (another controller)"),
}
EVENTS: Final[dict[Event, Promise]] = {
    Event.NOTICE_OPENED: pgettext_lazy("event", "A withdrawal or prohibition waits for the source"),
    Event.CAMPAIGN_FINISHED: pgettext_lazy("event", "A letter has been sent to everybody"),
}
DEAD: Final[dict[Slug, Promise]] = {
    Slug.TOKEN_REVOKED: pgettext_lazy("token", "revoked"),
    Slug.TOKEN_EXPIRED: pgettext_lazy("token", "its time is over"),
    Slug.ACCOUNT_SHUT: pgettext_lazy("token", "its person's account is shut"),
    Slug.NO_CONTRACT: pgettext_lazy("token", "the contract isn't in force"),
}
REFUSED: Final[dict[str, Promise]] = {
    "no_source": pgettext_lazy("webhook", "Choose an event, and a source if it is told of withdrawals."),
    "not_https": pgettext_lazy("webhook", "The address has to begin with https://."),
    "no_contract": pgettext_lazy("webhook", "The contract of the host's processor isn't in force."),
    "inner_address": pgettext_lazy("webhook", "The host's name leads into an inner network, and it isn't declared so."),
    "no_such_name": pgettext_lazy("webhook", "The host's name leads nowhere."),
}
UNKNOWN_HOST: Final = pgettext_lazy("webhook", "The host isn't on the list of outgoing hosts. Have it declared first.")
