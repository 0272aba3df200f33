"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class PaperConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.paper"
    label = "paper"

    def ready(self) -> None:
        """Begin the room's work: its Holding, its tokens' tables and the checks of its claims."""
        from luvalla.ledger.rekeying import token_tables  # noqa: PLC0415  # models are ready only now
        from luvalla.paper import claims  # noqa: PLC0415  # the same
        from luvalla.paper.holdings import KEEPINGS, PAPER  # noqa: PLC0415  # the same
        from luvalla.paper.token_tables import TABLES  # noqa: PLC0415  # the same
        from luvalla.rules.ports import holdings, keepings  # noqa: PLC0415  # the same

        holdings.register(PAPER.name, PAPER)
        for table in TABLES:
            token_tables.register(table.model, table)
        for each in KEEPINGS:
            keepings.register(each.name, each)
        claims.take_part()
