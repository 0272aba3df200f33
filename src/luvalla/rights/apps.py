"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.rights"
    label = "rights"

    def ready(self) -> None:
        """Begin the room's work: its Holding, its tokens' tables, tasks, checks, retention and the intake of mail."""
        from luvalla.ledger.rekeying import token_tables  # noqa: PLC0415  # models are ready only now
        from luvalla.rights import claims, tasks  # noqa: F401, PLC0415  # the same
        from luvalla.rights.holdings import REQUESTS  # noqa: PLC0415  # the same
        from luvalla.rights.keeping import KEEPINGS  # noqa: PLC0415  # the same
        from luvalla.rights.mail_intake import take_request  # noqa: PLC0415  # the same
        from luvalla.rights.token_tables import INCOMING, TABLE  # noqa: PLC0415  # the same
        from luvalla.rules.ports import holdings, intakes, keepings  # noqa: PLC0415  # the same

        holdings.register(REQUESTS.name, REQUESTS)
        for table in (TABLE, INCOMING):
            token_tables.register(table.model, table)
        for keeping in KEEPINGS:
            keepings.register(keeping.name, keeping)
        intakes.register("rights", take_request)
        claims.take_part()
