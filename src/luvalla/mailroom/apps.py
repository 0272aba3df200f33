"""The room's entry in Django."""

from __future__ import annotations

from django.apps import AppConfig


class MailroomConfig(AppConfig):
    """The room as an application."""

    name = "luvalla.mailroom"
    label = "mailroom"

    def ready(self) -> None:
        """Begin the room's work: tasks, Holdings, the wait of a stop, tokens' tables and the checks of its claims."""
        from luvalla.ledger.rekeying import token_tables  # noqa: PLC0415  # models are ready only now
        from luvalla.mailroom import claims, tasks  # noqa: PLC0415  # the same
        from luvalla.mailroom.barrier import BARRIER  # noqa: PLC0415  # the same
        from luvalla.mailroom.bounces import take_report  # noqa: PLC0415  # the same
        from luvalla.mailroom.holdings import DELIVERIES_HOLDING, MESSAGES_HOLDING  # noqa: PLC0415  # the same
        from luvalla.mailroom.service_messages import TOKENS  # noqa: PLC0415  # the same
        from luvalla.rules.ports import barriers, holdings, intakes, keepings  # noqa: PLC0415  # the same

        for each in (DELIVERIES_HOLDING, MESSAGES_HOLDING):
            holdings.register(each.name, each)
        barriers.register("mailroom", BARRIER)
        token_tables.register(TOKENS.model, TOKENS)
        for keeping in tasks.KEEPINGS:
            keepings.register(keeping.name, keeping)
        intakes.register("report", take_report)
        claims.take_part()
