"""A DNS server on loopback that knows a handful of records and says NXDOMAIN to everything else."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Records = Mapping[tuple[str, str], list[str]]
"""By name and type; the values as zone files spell them."""


class Nameserver(socketserver.ThreadingUDPServer):
    """Answers from its records, which a test may change while it runs."""

    daemon_threads = True

    def __init__(self, records: Records) -> None:
        super().__init__(("127.0.0.1", 0), Question)
        self.records = dict(records)

    @property
    def place(self) -> str:
        """Where it answers, as a resolver is told."""
        return f"127.0.0.1:{self.server_address[1]}"

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """Answer one question."""
        said, asked = dns.message.make_response(query), query.question[0]
        said.flags |= dns.flags.RA | dns.flags.AA
        name = asked.name.to_text(omit_final_dot=True).lower()
        values = self.records.get((name, dns.rdatatype.to_text(asked.rdtype)))
        if values:
            said.answer.append(dns.rrset.from_text(asked.name, 60, dns.rdataclass.IN, asked.rdtype, *values))
        elif not any(known == name or known.endswith(f".{name}") for known, _ in self.records):
            said.set_rcode(dns.rcode.NXDOMAIN)
        return said


class Question(socketserver.BaseRequestHandler):
    """One question."""

    def handle(self) -> None:
        """Answer it."""
        data, socket = self.request
        server: Any = self.server
        socket.sendto(server.answer(dns.message.from_wire(data)).to_wire(), self.client_address)


@contextmanager
def nameserver(records: Records) -> Iterator[Nameserver]:
    """Run a server with these records."""
    with Nameserver(records) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
