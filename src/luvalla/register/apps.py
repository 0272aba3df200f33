"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.register"
    label = "register"

    def ready(self) -> None:
        """Begin the room's work: its tasks, its Holding, its tokens' tables and the checks of its claims."""
        from luvalla.ledger.rekeying import token_tables  # noqa: PLC0415  # models are ready only now
        from luvalla.register import claims, erasure_claims, proving, replaying, reserve_claims, tasks  # noqa: PLC0415  # the same
        from luvalla.register.holdings import REGISTER  # noqa: PLC0415  # the same
        from luvalla.register.importing import tasks as importing_tasks  # noqa: PLC0415  # the same
        from luvalla.register.token_tables import TABLES  # noqa: PLC0415  # the same
        from luvalla.rules.ports import holdings, keepings  # noqa: PLC0415  # the same

        holdings.register(REGISTER.name, REGISTER)
        for keeping in (*map(tasks.keeping_of, tasks.KINDS), *importing_tasks.KEEPINGS):
            keepings.register(keeping.name, keeping)
        claims.take_part()
        erasure_claims.take_part()
        reserve_claims.take_part()
        replaying.take_part()
        proving.take_part()
        for table in TABLES:
            token_tables.register(table.model, table)
