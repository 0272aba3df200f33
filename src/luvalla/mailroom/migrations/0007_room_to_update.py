"""Leave room in PostgreSQL's pages of deliveries, each of which is written twice.

An update that finds room in its row's page touches no index. The table gets no larger: without this the second versions
filled pages of their own.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations


def leave_room(_: Any, editor: Any) -> None:
    """Have new pages be filled to two fifths."""
    if editor.connection.vendor == "postgresql":
        editor.execute("alter table mailroom_delivery set (fillfactor = 40)")


def fill(_: Any, editor: Any) -> None:
    """Go back to the database's own habit."""
    if editor.connection.vendor == "postgresql":
        editor.execute("alter table mailroom_delivery reset (fillfactor)")


class Migration(migrations.Migration):
    """The storage parameter of one table; its rows stay as they are."""

    dependencies = (("mailroom", "0006_bounces"),)
    operations = (migrations.RunPython(leave_room, fill),)
