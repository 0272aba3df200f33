"""The DNS: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989) and the relays' reverse names (RFC 1912, section 2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, Final

import dns.exception
import dns.resolver

from luvalla.cli.doctor.finding import Finding, State, fault, good, note, unknown
from luvalla.cli.doctor.senders import names_sender, outside
from luvalla.cli.language import pgettext

SECONDS: Final = 5.0
MOST_LOOKUPS: Final = 10
CLOSED_ENDS: Final = frozenset({"fail", "softfail"})
DNS_PORT: Final = 53


def resolver_at(place: str | None) -> dns.resolver.Resolver:
    """Give the resolver at ADDRESS[:PORT], or the machine's own."""
    if place is None:
        return dns.resolver.Resolver()
    host, _, port = place.rpartition(":") if place.count(":") == 1 else (place, "", "")
    own = dns.resolver.Resolver(configure=False)
    own.nameservers = [host]
    own.port = int(port) if port else DNS_PORT
    own.lifetime = SECONDS
    return own


def look_at_names(resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    """Look at every record that receivers ask for."""
    from luvalla.organisation.queries import the_controller

    controller = the_controller()
    sender = controller.sender_address.rpartition("@")[2]
    try:
        texts = _texts(controller.mail_domain, resolver)
    except (dns.resolver.LifetimeTimeout, dns.resolver.NoNameservers):
        saw = pgettext("doctor", "The DNS gives no answer about %(domain)s.") % {"domain": controller.mail_domain}
        do = pgettext(
            "doctor",
            "Look at the machine's network and resolver, and at the domain's servers. --resolver asks another.",
        )
        yield unknown("dns", saw, do)
        return
    yield from _spf(controller.mail_domain, texts, resolver)
    yield from _dkim(sender, resolver)
    yield _dmarc(sender, resolver)
    yield from _reverse(resolver)


def _spf(domain: str, texts: list[str], resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    """Look whether the return path's domain says which servers send for it, and whether our own are among them."""
    from checkdmarc.spf import check_spf

    seen: dict[str, Any] = check_spf(domain, resolver=resolver, timeout=SECONDS, retries=0)
    whole = _spf_record(domain, texts, seen)
    left_out = list(_left_out(domain, seen["parsed"], resolver)) if whole.state is State.GOOD else []
    yield from left_out or [whole]


def _left_out(domain: str, parsed: Mapping[str, Any], resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    """Name our own relays whose addresses the record doesn't let send; a processor's servers send from elsewhere."""
    for relay, host in _own_relays():
        for address in outside(_addresses(host, resolver)):
            if names_sender(parsed, address, lambda name: _addresses(name, resolver)) is not False:
                continue
            saw = pgettext(
                "doctor", "The SPF record of %(domain)s doesn't let %(relay)s send, whose address is %(ip)s."
            )
            do = pgettext("doctor", "Add %(network)s to the record, or the address it sends from if that is another.")
            network = f"ip{address.version}:{address}"
            yield fault("spf", saw % {"domain": domain, "relay": relay, "ip": address}, do % {"network": network})


def _spf_record(domain: str, texts: list[str], seen: dict[str, Any]) -> Finding:
    do = pgettext("doctor", "Publish one TXT record for %(domain)s that names the relay and ends in -all or ~all.")
    do %= {"domain": domain}
    if (count := _count("v=spf1", texts)) > 1:
        saw = pgettext("doctor", "%(domain)s has %(count)d SPF records; receivers then follow none.")
        return fault("spf", saw % {"domain": domain, "count": count}, do)
    if not seen["record"]:
        return fault("spf", pgettext("doctor", "%(domain)s has no SPF record.") % {"domain": domain}, do)
    if not seen["valid"]:
        saw = pgettext("doctor", "The SPF record of %(domain)s is faulty: %(why)s")
        return fault("spf", saw % {"domain": domain, "why": seen.get("error", "")}, do)
    if seen["dns_lookups"] > MOST_LOOKUPS:
        saw = pgettext("doctor", "The SPF record of %(domain)s needs %(count)d lookups; receivers stop at 10.")
        return fault("spf", saw % {"domain": domain, "count": seen["dns_lookups"]}, do)
    if str(seen["parsed"].get("all")) not in CLOSED_ENDS:
        saw = pgettext("doctor", "The SPF record of %(domain)s lets everybody send.") % {"domain": domain}
        return fault("spf", saw, do)
    return good("spf", pgettext("doctor", "%(domain)s says which servers send for it.") % {"domain": domain})


def _dkim(sender: str, resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    """Look whether the record of each key that signs is published, and is that key's."""
    from django.conf import settings

    from luvalla.mailroom.signing import key_files

    keys = key_files(settings.LUVALLA_DKIM, sender)
    if not keys:
        saw = pgettext("doctor", "Letters from %(domain)s are not signed here.") % {"domain": sender}
        do = pgettext("doctor", "Make a key with luvalla dkim, unless the relay signs.")
        yield note("dkim", saw, do)
    for each in keys:
        name = f"{each.selector}._domainkey.{each.domain}"
        wanted = _tags(each.read().dns_record).get("p", "")
        published = {_tags(text).get("p", "") for text in _texts(name, resolver)}
        do = pgettext("doctor", "luvalla dkim %(domain)s %(selector)s shows the record to publish.")
        do %= {"domain": each.domain, "selector": each.selector}
        if not published:
            yield fault("dkim", pgettext("doctor", "%(name)s is not published.") % {"name": name}, do)
        elif wanted not in published:
            yield fault("dkim", pgettext("doctor", "%(name)s has another key than ours.") % {"name": name}, do)
        else:
            yield good("dkim", pgettext("doctor", "%(name)s has our key.") % {"name": name})


def _dmarc(domain: str, resolver: dns.resolver.Resolver) -> Finding:
    """Look whether receivers are told what to do with letters that only pretend to be ours."""
    from checkdmarc.dmarc import check_dmarc

    seen: dict[str, Any] = check_dmarc(domain, resolver=resolver, timeout=SECONDS, retries=0)
    names = {"domain": domain}
    do = pgettext("doctor", "Publish a TXT record for _dmarc.%(domain)s, with p=quarantine or p=reject.") % names
    if (count := _count("v=DMARC1", _texts(f"_dmarc.{domain}", resolver))) > 1:
        saw = pgettext("doctor", "%(domain)s has %(count)d DMARC records; receivers then follow none.")
        return fault("dmarc", saw % {**names, "count": count}, do)
    if not seen["record"]:
        return fault("dmarc", pgettext("doctor", "%(domain)s has no DMARC record.") % names, do)
    if not seen["valid"]:
        saw = pgettext("doctor", "The DMARC record of %(domain)s is faulty: %(why)s")
        return fault("dmarc", saw % {**names, "why": seen.get("error", "")}, do)
    if str(seen["tags"]["p"]["value"]) == "none":
        return note(
            "dmarc", pgettext("doctor", "The DMARC record of %(domain)s asks for nothing (p=none).") % names, do
        )
    if _is_on_trial(seen["tags"]):
        saw = pgettext("doctor", "The DMARC record of %(domain)s is on trial (t=y): receivers don't follow it.")
        return note("dmarc", saw % names, pgettext("doctor", "Take t=y away when the reports show only your own mail."))
    return good("dmarc", pgettext("doctor", "%(domain)s has a DMARC record that asks for something.") % names)


def _is_on_trial(tags: Mapping[str, Any]) -> bool:
    """Tell whether the owner asks receivers to leave the policy unapplied (RFC 9989, section 4.7)."""
    return "t" in tags and str(tags["t"]["value"]).lower() == "y"


def _reverse(resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    """Look whether the controller's own relays have names that lead back to them: receivers refuse them without."""
    for _, host in _own_relays():
        if _is_address(host):
            continue
        addresses = _addresses(host, resolver)
        bad = [address for address in addresses if host not in _names_of(address, resolver)]
        names = {"host": host}
        do = pgettext("doctor", "Have the owner of the address set its reverse name to %(host)s.") % names
        if not addresses:
            yield fault("reverse", pgettext("doctor", "%(host)s has no address in the DNS.") % names, do)
        elif bad:
            yield fault("reverse", pgettext("doctor", "The reverse name of %(host)s isn't its own.") % names, do)
        else:
            yield good("reverse", pgettext("doctor", "The reverse name of %(host)s leads back to it.") % names)


def _own_relays() -> Iterator[tuple[str, str]]:
    """Give the controller's own relays that aren't on this machine: what each is called, and its host."""
    from urllib.parse import urlsplit

    from luvalla.mailroom.errors import RelayUnusable
    from luvalla.mailroom.relays import configured_relays

    try:
        relays = configured_relays()
    except RelayUnusable:
        return  # the check of the relays says it
    for each in relays:
        host = urlsplit(each.url).hostname or ""
        if each.row.processor_id is None and host not in {"", "localhost"}:
            yield each.row.name or host, host


def _addresses(host: str, resolver: dns.resolver.Resolver) -> list[str]:
    return [host] if _is_address(host) else [*_answers(host, "A", resolver), *_answers(host, "AAAA", resolver)]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _count(version: str, texts: list[str]) -> int:
    """Count the records that begin with a version; more than one is none (RFC 7208, 4.5; RFC 9989)."""
    return sum(each.lower().replace(";", " ").split(" ")[0] == version.lower() for each in texts)


def _texts(name: str, resolver: dns.resolver.Resolver) -> list[str]:
    """Give the TXT records of a name, each joined from its strings."""
    try:
        answer = resolver.resolve(name, "TXT")
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    return [b"".join(each.strings).decode("ascii", "replace") for each in answer]


def _answers(name: str, kind: str, resolver: dns.resolver.Resolver) -> list[str]:
    try:
        return [str(each) for each in resolver.resolve(name, kind)]
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []


def _names_of(address: str, resolver: dns.resolver.Resolver) -> list[str]:
    try:
        return [str(each).rstrip(".").lower() for each in resolver.resolve_address(address)]
    except dns.exception.DNSException:
        return []


def _tags(record: str) -> dict[str, str]:
    """Take a DKIM record apart (RFC 6376, section 3.6.1)."""
    pairs = (each.partition("=") for each in record.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs if name.strip()}
