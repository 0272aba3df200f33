"""Words for what the register's values mean."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.mailroom.models import Delivery
from luvalla.register.models import Stop
from luvalla.register.source_notices import COMPANY_DOMAIN
from luvalla.rules.address import Fault
from luvalla.rules.purposes import LookedAtFor, PermissionKind, Prohibited
from luvalla.staff.words import WHAT_FOR

KINDS: Final = {
    PermissionKind.CONSENT: pgettext_lazy("permission", "Consent"),
    PermissionKind.CUSTOMER: pgettext_lazy("permission", "Customer"),
    PermissionKind.LEGAL_ENTITY: pgettext_lazy("permission", "Legal entity"),
    PermissionKind.SERVICE_MESSAGE: pgettext_lazy("permission", "Service messages"),
}
PROHIBITIONS: Final = {
    Prohibited.DIRECT_ADVERTISING: pgettext_lazy("prohibition", "Direct advertising"),
    Prohibited.DISTANCE_SELLING: pgettext_lazy("prohibition", "Distance selling"),
    Prohibited.DIRECT_MARKETING: pgettext_lazy("prohibition", "Other direct marketing"),
    Prohibited.RESEARCH: pgettext_lazy("prohibition", "Market and opinion research"),
    Prohibited.DISCLOSURE: pgettext_lazy("prohibition", "Disclosure"),
    Prohibited.INFORMATION: pgettext_lazy("prohibition", "Customer information"),
}
NOTICE_KINDS: Final[dict[str, str | Promise]] = {
    Stop.Kind.WITHDRAWAL: pgettext_lazy("source notice", "Permission withdrawn"),
    Stop.Kind.OBJECTION: pgettext_lazy("source notice", "Objection to direct marketing"),
    Stop.Kind.ERASURE: pgettext_lazy("source notice", "Erased"),
    Stop.Kind.COMPANY: pgettext_lazy("source notice", "Prohibition of a whole company"),
    COMPANY_DOMAIN: pgettext_lazy("source notice", "Prohibition of a company's whole domain"),
    Stop.Kind.RESTRICTION: pgettext_lazy("source notice", "Processing restricted"),
    Stop.Kind.BOUNCED: pgettext_lazy("source notice", "There is no such mailbox"),
    Stop.Kind.PROHIBITION: pgettext_lazy("source notice", "Prohibition"),
    Stop.Kind.RECTIFIED: pgettext_lazy("source notice", "Address corrected"),
    Stop.Kind.ANONYMISED: pgettext_lazy("source notice", "Made anonymous"),
}
CHANNELS: Final = {
    "phone": pgettext_lazy("channel", "By telephone"),
    "desk": pgettext_lazy("channel", "In person"),
    "letter": pgettext_lazy("channel", "By letter"),
    "mail": pgettext_lazy("channel", "By e-mail"),
}
OUTCOMES: Final = {
    Delivery.State.CLAIMED: pgettext_lazy("outcome", "On its way"),
    Delivery.State.ACCEPTED: pgettext_lazy("outcome", "Accepted"),
    Delivery.State.DEFERRED: pgettext_lazy("outcome", "Deferred"),
    Delivery.State.REFUSED: pgettext_lazy("outcome", "Refused by the server"),
    Delivery.State.EXPIRED: pgettext_lazy("outcome", "Expired"),
    Delivery.State.UNKNOWN: pgettext_lazy("outcome", "Unknown"),
}
LOOKS: Final = {
    each.value: WHAT_FOR[each]
    for each in (
        LookedAtFor.REQUEST,
        LookedAtFor.DELIVERY,
        LookedAtFor.IMPORT,
        LookedAtFor.UPKEEP,
        LookedAtFor.SUPERVISION,
    )
}
"""What an address may be looked at for."""
FAULTS: Final = {
    Fault.EMPTY: pgettext_lazy("address fault", "The address is missing."),
    Fault.NO_AT_SIGN: pgettext_lazy("address fault", "The address has no @ sign."),
    Fault.SEVERAL: pgettext_lazy("address fault", "There are several addresses. Give one."),
    Fault.FORMULA: pgettext_lazy("address fault", "This is a formula, not an address."),
    Fault.TOO_LONG: pgettext_lazy("address fault", "The address is too long."),
    Fault.NO_DOMAIN: pgettext_lazy("address fault", "The address has no domain after the @ sign."),
    Fault.BAD_DOMAIN: pgettext_lazy("address fault", "The domain of the address is not one that exists in this form."),
    Fault.BAD_LOCAL_PART: pgettext_lazy("address fault", "The part before the @ sign is not that of an address."),
    Fault.CONTROL_CHARACTER: pgettext_lazy("address fault", "The address has characters that cannot be seen."),
}


def prohibited_words(kinds: Prohibited) -> list[str]:
    """Name the prohibitions of a sum, in the order of the law."""
    return [str(word) for kind, word in PROHIBITIONS.items() if kind in kinds]
