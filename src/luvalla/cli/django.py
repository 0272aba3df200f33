"""Commands that need the database begin here: `@with_django` sets Django up, checks the keys, and seals the ledger."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

from luvalla.cli.errors import Misconfigured
from luvalla.cli.keys import check_installation
from luvalla.cli.language import console_language, pgettext

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def with_django(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Set Django up before the command's function runs. Import rooms inside that function, not above it."""

    @functools.wraps(function)
    def prepared(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        set_up_django()
        check_installation()
        try:
            return function(*args, **kwargs)
        finally:
            _seal_what_was_written()

    return prepared


def _seal_what_was_written() -> None:
    """Chain the command's own rows of the ledger: `luvalla run`, which seals every second, need not be there."""
    from django.db import DatabaseError

    from luvalla.ledger.chain import seal_rows

    with suppress(DatabaseError):
        seal_rows()


def set_up_django() -> None:
    """Load the settings and the rooms, and speak the console's language; Misconfigured when a setting can't be used."""
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.utils import translation

    from luvalla.config.environment import ConfigurationError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luvalla.config.settings")
    try:
        django.setup()
    except (ConfigurationError, ImproperlyConfigured) as fault:
        message = pgettext("command", "A setting cannot be used: %(fault)s") % {"fault": fault}
        raise Misconfigured(message) from None
    translation.activate(console_language(os.environ))
