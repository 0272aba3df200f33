"""The receiver shipped with the product: a real SMTP server on loopback that tests, the demo and local runs send to.

    with Receiver() as receiver:
        ...send to receiver.host, receiver.port...
        assert receiver.counters.messages == 1
        receiver.messages[0].recipients

It can be told what to offer (Switches) and misbehaves on request: see magic.py for the recipients it reacts to.
"""

from __future__ import annotations

from luvalla.sending.testing.certificate import Certificate, make_certificate
from luvalla.sending.testing.receiver import Receiver
from luvalla.sending.testing.records import Counters, Received
from luvalla.sending.testing.switches import Switches

__all__ = ["Certificate", "Counters", "Received", "Receiver", "Switches", "make_certificate"]
