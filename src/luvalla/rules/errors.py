"""The exception tree of the rules.

RulesError
├── NotAnAddress        what was given is not an e-mail address; carries a Fault (address.py)
├── PortTaken           a second room answers to the same name at a port
└── NoSuchPurpose       a purpose outside the closed list of the notice
"""

from __future__ import annotations


class RulesError(Exception):
    """Something broke a rule that knows no framework."""


class PortTaken(RulesError):
    """Two rooms registered under one name at the same port."""


class NoSuchPurpose(RulesError):
    """A purpose that the notice does not name."""
