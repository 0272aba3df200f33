"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks


class LedgerConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Begin the room's work: its system checks and the checks of its claims. Its sealer is run by a room above."""
        from luvalla.ledger import claims  # noqa: PLC0415  # models are ready only now
        from luvalla.ledger.checks import check_holdings, check_the_keys  # noqa: PLC0415  # the same
        from luvalla.ledger.letting_go import KEEPING  # noqa: PLC0415  # the same
        from luvalla.rules.ports import keepings  # noqa: PLC0415  # beside them

        claims.take_part()
        keepings.register(KEEPING.name, KEEPING)
        checks.register(check_holdings)
        checks.register(check_the_keys)
