"""The demo: an invented energy company, its export, three campaigns, and an inbox where its mails can be read."""

from __future__ import annotations

from luvalla.cli.demo.command import command

__all__ = ["command"]
