"""Writing letters: the frozen segments of a campaign, and one recipient's address, identity and link in their holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection

from luvalla.ledger.errors import SealBroken
from luvalla.ledger.keys import Keyring
from luvalla.ledger.sealing import Sealer
from luvalla.mailroom.errors import LetterMissing
from luvalla.mailroom.identity import Identities
from luvalla.mailroom.signing import signed
from luvalla.mailroom.standing import as_moment
from luvalla.mailroom.step import Claimed
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.links import stop_tokens
from luvalla.sending.dialogue import Item
from luvalla.sending.dkim import DkimKey
from luvalla.sending.holes import Hole, mail_date
from luvalla.sending.letter import CompiledLetter
from luvalla.sending.signed_letter import SignedLetter

FROZEN: Final = """
select t.compiled, f.started_at, t.frozen_at
from campaigns_letter t
join campaigns_campaign c on c.id = t.campaign_id
join campaigns_lifecycle f on f.campaign_id = c.id
join wagtailcore_locale l on l.id = c.locale_id
where c.id = %s and t.language = l.language_code
"""


class Writer:
    """Writes the letters of one campaign. Opens each address where it is written, and keeps none."""

    def __init__(
        self, campaign_id: int, *, letter: CompiledLetter | SignedLetter, keyring: Keyring, mail_domain: str
    ) -> None:
        """Take the frozen letter, the keys, and the domain of the return paths."""
        self._campaign_id = campaign_id
        self._letter = letter
        self._open = Sealer(keyring).opener(CONTACT_ADDRESS)
        self._identify = Identities(keyring).identify
        self._stop_token = stop_tokens(campaign_id=campaign_id, keyring=keyring)
        self._at = b"@" + mail_domain.encode("idna")

    def items(self, claimed: Sequence[Claimed]) -> list[Item]:
        """Write the letters of a window, numbered as they stand in it; those are left out whose address is unreadable.

        Step by step for all of them: each step's code stays in the processor's cache, a quarter less time.
        """
        campaign, at = self._campaign_id, self._at
        open_address, identify, stop_token = self._open, self._identify, self._stop_token
        try:
            addresses = [open_address(each.sealed, each.token) for each in claimed]
        except SealBroken:
            return self._readable_items(claimed)
        identities = [identify(contact_id=each.contact_id, campaign_id=campaign) for each in claimed]
        tokens = [stop_token(each.contact_id, each.token) for each in claimed]
        message_ids = [each.message_id for each in identities]
        letters = self._letter.many(
            {Hole.TO: addresses, Hole.MESSAGE_ID: message_ids, Hole.STOP_TOKEN: tokens}, len(claimed)
        )
        return [
            Item(number, identity.return_path + at, address, pieces, not address.isascii())
            for number, (identity, address, pieces) in enumerate(zip(identities, addresses, letters, strict=True))
        ]

    def _readable_items(self, claimed: Sequence[Claimed]) -> list[Item]:
        """Write the letters whose addresses can be opened."""
        readable = [(number, each) for number, each in enumerate(claimed) if self._is_readable(each)]
        items = self.items([each for _, each in readable])
        return [replace(item, index=number) for (number, _), item in zip(readable, items, strict=True)]

    def _is_readable(self, letter: Claimed) -> bool:
        try:
            self._open(letter.sealed, letter.token)
        except SealBroken:
            return False
        return True


def frozen_letter(campaign_id: int, keys: Sequence[DkimKey] = ()) -> CompiledLetter | SignedLetter:
    """Read the campaign's frozen letter, dated and signed for all recipients; LetterMissing where none was frozen."""
    with connection.cursor() as cursor:
        cursor.execute(FROZEN, (campaign_id,))
        row = cursor.fetchone()
    if row is None:
        raise LetterMissing
    compiled, started_at, frozen_at = row
    moment = as_moment(started_at) or as_moment(frozen_at)
    return signed(dated(CompiledLetter.from_bytes(bytes(compiled)), moment), keys, moment)


def dated(letter: CompiledLetter, moment: Any) -> CompiledLetter:
    """Give the letter with its date, where it was frozen without: the moment its sending began, at every attempt."""
    if Hole.DATE not in letter.holes:
        return letter
    return letter.bind({Hole.DATE: mail_date(moment or datetime.now(tz=UTC))})
